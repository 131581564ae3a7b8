import { expect, it, vi } from "vitest";
import { RESPONSE_BANDS } from "@/lib/channels/response-bands";
import { createRequestStats } from "@/lib/server/http/request-stats";
import type { LogStats } from "@/lib/server/log/log";
import { inBackground } from "@/lib/server/sources/background";
import { apiSource } from "@/lib/server/sources/built-in/api";
import { clusterSource } from "@/lib/server/sources/built-in/cluster";
import { connectionsSource } from "@/lib/server/sources/built-in/connections";
import { databaseSource } from "@/lib/server/sources/built-in/database";
import { memoryReader, networkReader, parseNetDev, traffic } from "@/lib/server/sources/built-in/host";
import { infrastructureSource } from "@/lib/server/sources/built-in/infrastructure";
import { nodesSource } from "@/lib/server/sources/built-in/nodes";
import type { Source } from "@/lib/server/sources/define-source";
import { eventually } from "../support/live-wait";
import { someReport } from "../support/some-report";

const read = (source: Source, now: number) => source.read({ signal: new AbortController().signal, now });

it("api: tells the requests and the viewers by transport", async () => {
  const requests = createRequestStats(() => 1_000_000);
  requests.record(20, 200);
  requests.record(40, 503);
  const source = apiSource(async () => [
    someReport({ requests: requests.read(), viewers: { socket: 4, sse: 3, longPoll: 2, poll: 1 } }),
  ]);
  const { p95, p99, ...rest } = (await read(source, 0)) as Record<string, number>;
  expect([p95, p99].every((ms) => ms! >= 40 && ms! <= 42)).toBe(true);
  expect(rest).toEqual({
    requests: 0,
    average: 30,
    errorRate: 50,
    viewers: 10,
    viewersSocket: 4,
    viewersSse: 3,
    viewersLongPoll: 2,
    viewersPoll: 1,
    // Rates are of whole seconds, and none has gone by.
    ...Object.fromEntries(RESPONSE_BANDS.map((metric) => [metric, 0])),
  });
});

it("api: adds up nodes, weighs means by their requests, and tells the worst percentile", async () => {
  const figures = { perSecond: 3, count: 30, average: 10, p95: 20, p99: 40, errorRate: 0, bands: [2, 1] };
  const quiet = { perSecond: 0, count: 0, average: null, p95: null, p99: null, errorRate: null, bands: [] };
  const viewers = { socket: 1, sse: 0, longPoll: 0, poll: 2 };
  const source = apiSource(async () => [
    someReport({ requests: figures, viewers }),
    someReport({ requests: { ...figures, count: 10, average: 50, p95: 90, errorRate: 100 }, viewers }),
    someReport({ requests: quiet }),
  ]);
  expect(await read(source, 0)).toMatchObject({
    ...{ requests: 6, average: 20, p95: 90, p99: 40, errorRate: 25 },
    ...{ under5: 4, under10: 2, under25: 0, over1000: 0 },
    ...{ viewers: 6, viewersSocket: 2, viewersPoll: 4 },
  });
  const nobody = apiSource(async () => [someReport()]);
  expect(await read(nobody, 0)).toMatchObject({ requests: 0, average: null, p95: null, errorRate: null });
});

it("nodes, connections and cluster: say the same of a quiet deployment each time", async () => {
  const connection = {
    id: "abcdefgh-1",
    transport: "sse" as const,
    page: "/a",
    since: 5,
    lagMs: null,
    bufferedBytes: 7,
  };
  let noise = 0;
  const reports = async () => {
    noise += 1;
    const vitals = {
      loopDelayMs: 1 + noise / 10,
      rss: 100_000_000 + noise,
      framesPerSecond: 2 + noise / 100,
    };
    return [
      someReport({
        ...vitals,
        viewers: { socket: 0, sse: 1, longPoll: 0, poll: 2 },
        connections: [connection],
      }),
      someReport({ ...vitals, node: "bbbbbbbb", draining: true, logLagMs: 2499, sources: ["api", "nodes"] }),
    ];
  };
  const rows = await read(nodesSource(reports), 0);
  expect(rows).toMatchObject([
    { node: "abcdefgh", state: "Serving", viewers: 3, sse: 1, poll: 2, lag: 0, memory: 100_000_000 },
    { node: "bbbbbbbb", state: "Draining", viewers: 0, lag: 2500, sources: "api, nodes" },
  ]);
  expect(await read(nodesSource(reports), 0)).toEqual(rows);
  expect(await read(connectionsSource(reports), 0)).toEqual([
    {
      connection: "abcdefgh-1",
      node: "abcdefgh",
      transport: "SSE",
      page: "/a",
      address: null,
      since: 5,
      lag: null,
      buffered: 7,
    },
  ]);
  expect(await read(clusterSource(reports), 0)).toMatchObject({ nodes: 2, viewers: 3, worstLag: 2499 });
});

it("database: makes rates of counters, over the last reading and the last minute", async () => {
  const stats: LogStats = { connections: 2, queries: 100, slowQueries: 5, size: 4096, entries: 9 };
  const reads = { fromMemory: 10, fromEngine: 10 };
  const source = databaseSource({ stats: async () => stats, reads: () => reads });
  expect(await read(source, 0)).toEqual({
    ...{ connections: 2, size: 4096, entries: 9 },
    ...{ queries: null, slowQueries: 0, cacheHits: null },
  });
  Object.assign(stats, { queries: 130, slowQueries: 6 });
  Object.assign(reads, { fromMemory: 13, fromEngine: 11 });
  expect(await read(source, 2000)).toMatchObject({ queries: 15, slowQueries: 1, cacheHits: 75 });
  expect(await read(source, 4000)).toMatchObject({ queries: 0, slowQueries: 1, cacheHits: 75 });
  expect(await read(source, 70_000)).toMatchObject({ queries: 0, slowQueries: 0, cacheHits: null });
  // The engine was opened again.
  Object.assign(stats, { queries: 3, slowQueries: 0 });
  expect(await read(source, 72_000)).toMatchObject({ queries: null, slowQueries: 0, cacheHits: null });
});

it("infrastructure: gives real figures of this machine", async () => {
  const source = infrastructureSource({ folder: process.cwd() });
  const first = Date.now();
  await read(source, first);
  const reading = await eventually(async () => {
    const values = (await read(source, Date.now())) as Record<string, number>;
    expect(Object.values(values)).not.toContain(null);
    return values;
  });
  const { cpu, load, memory, memoryUsed, disk, diskFree, networkIn, networkOut } = reading;
  for (const percent of [cpu, memory, disk]) {
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
  for (const bytes of [memoryUsed, diskFree]) expect(bytes).toBeGreaterThan(1e6);
  for (const rate of [load, networkIn, networkOut]) expect(rate).toBeGreaterThanOrEqual(0);
});

it("infrastructure: a disk that cannot be read is no number, and the rest goes on", async () => {
  const source = infrastructureSource({ folder: "/nowhere/at/all" });
  await read(source, Date.now());
  expect(await read(source, Date.now())).toMatchObject({
    disk: null,
    diskFree: null,
    memory: expect.any(Number),
  });
});

it("adds up the network interfaces, without the loopback and what passes another one", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0:1000 20102    0    0    0     0          0         0  200   12151    0    0    0     0       0          0
 wlan0:      30       0    0    0    0     0          0         0        4       0    0    0    0     0       0          0
docker0:    500       0    0    0    0     0          0         0      500       0    0    0    0     0       0          0
`;
  expect(traffic({ at: 0, interfaces: parseNetDev(text) })).toEqual({ in: 1030, out: 204 });
});

it("asks systeminformation where the system gives no file", async () => {
  const [network, memory] = [networkReader("darwin"), memoryReader("darwin")];
  await vi.waitFor(
    async () => {
      expect(await network(1000)).toEqual({
        at: 1000,
        interfaces: expect.arrayContaining([expect.objectContaining({ in: expect.any(Number) })]),
      });
      expect(memory(1000)).toBeGreaterThan(1e6);
    },
    { timeout: 10_000 },
  );
});

it("reads in the background at its own pace, never twice at once, and lets go of what is too old", async () => {
  let reads = 0;
  let end: (result: Promise<number>) => void = () => {};
  const value = inBackground(10, () => {
    reads += 1;
    return new Promise<number>((resolve) => {
      end = resolve;
    });
  });
  const finish = async (result: Promise<number>) => {
    end(result);
    await new Promise(setImmediate);
  };
  expect([value(1000), value(1050), reads]).toEqual([null, null, 1]);
  await finish(Promise.resolve(1));
  expect([value(1005), reads]).toEqual([1, 1]);
  expect([value(1010), reads]).toEqual([1, 2]);
  expect([value(1029), value(1030), reads]).toEqual([1, null, 2]);
  await finish(Promise.reject(new Error("gone")));
  expect([value(1031), reads]).toEqual([null, 3]);
  await finish(Promise.resolve(3));
  // The clock stepped back by an hour.
  expect([value(1032 - 3_600_000), reads]).toEqual([null, 4]);
});
