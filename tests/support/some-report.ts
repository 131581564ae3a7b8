import type { NodeReport } from "@/lib/server/cluster/report";

/** The report of a quiet node, but for what a test is about. */
export function someReport(change: Partial<NodeReport> = {}): NodeReport {
  return {
    node: "abcdefgh",
    host: "host",
    version: "1.0.0",
    startedAt: 1000,
    draining: false,
    viewers: { socket: 0, sse: 0, longPoll: 0, poll: 0 },
    logLagMs: 0,
    framesPerSecond: 0,
    bytesPerSecond: 0,
    loopDelayMs: 0,
    rss: 100_000_000,
    heap: 50_000_000,
    sources: [],
    redisMs: null,
    requests: { perSecond: 0, count: 0, average: null, p95: null, p99: null, errorRate: null, bands: [] },
    connections: [],
    ...change,
  };
}
