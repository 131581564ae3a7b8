import { nodes } from "@/lib/channels/nodes";
import type { NodeReport } from "@/lib/server/cluster/report";
import { defineSource } from "../define-source";

const MB = 1_000_000;

/** All nodes. Figures are rounded to what a person compares, so that a quiet node's row stays as it is. */
export function nodesSource(reports: () => Promise<NodeReport[]>) {
  return defineSource({
    channel: nodes,
    read: async () =>
      (await reports()).slice(0, nodes.maxRows).map((report) => {
        const { node, host, version, startedAt, draining, sources, redisMs } = report;
        const { socket, sse, longPoll, poll } = report.viewers;
        return {
          node,
          host,
          version,
          state: draining ? "Draining" : "Serving",
          started: startedAt,
          viewers: socket + sse + longPoll + poll,
          socket,
          sse,
          longPoll,
          poll,
          lag: roundTo(report.logLagMs, 100),
          frames: Math.round(report.framesPerSecond),
          bytes: roundTo(report.bytesPerSecond, 100),
          loopDelay: Math.round(report.loopDelayMs),
          memory: roundTo(report.rss, MB),
          heap: roundTo(report.heap, MB),
          sources: sources.join(", "),
          redis: redisMs === null ? null : Math.round(redisMs * 10) / 10,
        };
      }),
  });
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}
