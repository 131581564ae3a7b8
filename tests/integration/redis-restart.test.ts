import { afterEach, describe, expect, it, vi } from "vitest";
import { defineSource } from "@/lib/server/sources/define-source";
import { defineChannel } from "@/lib/shared/define-channel";
import { testChannels } from "../support/live-channels";
import { type Followed, startViewer } from "../support/live-follow";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { contentAt, Ledger, startProducers } from "../support/redis-nodes";
import { type RedisServer, startRedis } from "../support/redis-server";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy";

const CHANNELS = ["gauges", "stock", "visits"];
const TRANSPORTS = ["socket", "sse", "long-poll", "poll"];
/** Redis is back: within this everybody has caught up, ms. The aim is 5 s; what a slow machine adds is generous. */
const BACK = { timeout: 10_000, interval: 10 };

let redis: RedisServer;
let servers: LiveServer[] = [];
let proxies: TcpProxy[] = [];
let viewers: Followed[] = [];
let ledger: Ledger;

/** Two nodes, each with its own way to Redis and viewers on all transports. */
async function begin(args: string[], options: Parameters<typeof startLiveServer>[0] = {}): Promise<void> {
  redis = await startRedis({ args });
  ledger = new Ledger();
  for (let n = 0; n < 2; n++) {
    proxies[n] = await startTcpProxy(redis.port);
    servers[n] = await startLiveServer({ redisUrl: `redis://127.0.0.1:${proxies[n]!.port}`, ...options });
  }
  const channels = options.channels?.map(({ name }) => name) ?? CHANNELS;
  viewers = servers.flatMap((server) => TRANSPORTS.map((name) => startViewer(server, name, channels)));
  await untilAll((one) => one.viewer.cursor !== undefined);
}

afterEach(async () => {
  for (const viewer of viewers) viewer.stop();
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await redis.close();
  servers = [];
  proxies = [];
  viewers = [];
});

function untilAll(isTrue: (viewer: Followed) => boolean): Promise<void> {
  return vi.waitFor(() => {
    for (const viewer of viewers) {
      viewer.check();
      if (!isTrue(viewer)) throw new Error(`${viewer.name}: ${viewer.viewer.epochs} ${viewer.viewer.cursor}`);
    }
  }, BACK);
}

const startFlow = () => startProducers({ a: servers[0]!.log, b: servers[1]!.log }, ledger, { ch: "visits" });

const untilStored = (more: number) => {
  const from = ledger.stored.size;
  return vi.waitUntil(() => ledger.stored.size >= from + more, { timeout: 20_000, interval: 2 });
};

const epochOf = (server: LiveServer) => server.runtime.hub.cursor.split(".")[0]!;

/** Everybody is in the same log, has the state that a node which starts now has, and got what led to it once. */
async function expectAllEqual(): Promise<void> {
  await vi.waitFor(() => servers[0]!.append({ ch: "gauges", set: { a: 1 } }), BACK);
  const last = await vi.waitFor(() => servers[1]!.append({ ch: "gauges", set: { b: 2 } }), BACK);
  await untilAll(({ viewer }) => viewer.cursor === last);
  const fresh = await startLiveServer({ redisUrl: redis.url });
  const content = await contentAt(redis.url);
  for (const { viewer } of viewers) {
    for (const channel of CHANNELS)
      expect(viewer.states[channel]).toEqual(JSON.parse(JSON.stringify(fresh.runtime.hub.state(channel))));
    const from = viewer.snapshots[0]!.at;
    const at = content.findIndex(({ id }) => id === from);
    expect(viewer.applied).toEqual(content.slice(at + 1).filter(({ ch }) => CHANNELS.includes(ch)));
  }
  expect(new Set([fresh, ...servers].map(epochOf)).size).toBe(1);
  await fresh.close();
}

describe("Redis killed and started again while two nodes publish", () => {
  it("[K2][L3] loses and doubles nothing when Redis has stored it, and all viewers go on where they were", async () => {
    await begin(["--appendonly", "yes", "--appendfsync", "always"]);
    const epoch = epochOf(servers[0]!);
    const stop = startFlow();
    for (let round = 0; round < 4; round++) {
      await untilStored(10 + 7 * round);
      await redis.kill9();
      await redis.start();
      await untilStored(5);
      const { cursor } = servers[0]!.runtime.hub;
      await untilAll(({ viewer }) => viewer.cursor! >= cursor);
    }
    await stop();
    await expectAllEqual();
    expect(ledger.contradictions((await contentAt(redis.url)).filter(({ ch }) => ch === "visits"))).toEqual(
      [],
    );
    for (const { viewer } of viewers) {
      expect(viewer.epochs).toEqual([epoch]);
      expect(viewer.snapshots).toHaveLength(CHANNELS.length);
    }
  });

  it.each([
    ["the node that had read more comes back first", [0, 1]],
    ["the node that had read less comes back first", [1, 0]],
    ["both come back at once", []],
  ])("[K2][L4] shows everybody a whole snapshot of one new log when it forgot: %s", async (_, order) => {
    await begin([]);
    const epoch = epochOf(servers[0]!);
    const stop = startFlow();
    await untilStored(20);
    await stop();
    await servers[0]!.append({ ch: "stock", rows: { kept: { sku: "kept", left: 1 } } });
    await eventually(() => expect(servers[1]!.runtime.hub.cursor).toBe(servers[0]!.runtime.hub.cursor));
    await redis.command("SAVE");
    const saved = servers[1]!.runtime.hub.cursor;
    // From here on the second node hears nothing.
    proxies[1]!.blockAnswers();
    for (let n = 0; n < 5; n++)
      await servers[0]!.append({ ch: "stock", rows: { lost: { sku: "lost", left: n } } });
    const lost = servers[0]!.runtime.hub.cursor;
    expect(servers[1]!.runtime.hub.cursor).toBe(saved);
    await vi.waitFor(() => expect(viewers.some(({ viewer }) => viewer.cursor === lost)).toBe(true), BACK);
    for (const proxy of proxies) proxy.cut();
    await redis.kill9();
    await redis.start();
    for (const n of order) {
      proxies[n]!.clear();
      // It publishes at once, before the other one is back.
      await vi.waitFor(() => servers[n]!.append({ ch: "visits", items: [{ page: `/${n}` }] }), BACK);
    }
    for (const proxy of proxies) proxy.clear();
    await untilAll(({ viewer }) => viewer.epochs.length === 2);
    await expectAllEqual();
    const [renamed] = viewers.map(({ viewer }) => viewer.epochs[1]);
    for (const { viewer } of viewers) {
      // Renamed once, for all of them.
      expect(viewer.epochs).toEqual([epoch, renamed]);
      expect(viewer.states.stock).toMatchObject({ rows: { kept: { left: 1 } } });
      expect(viewer.states.stock).not.toHaveProperty("rows.lost");
    }
  });

  it("[K2][L4] ends in one log and one state when it forgets again and again while both nodes publish", async () => {
    await begin([]);
    const stop = startFlow();
    for (let round = 0; round < 4; round++) {
      await untilStored(10);
      await redis.command("SAVE");
      await untilStored(10);
      await redis.kill9();
      await redis.start();
    }
    await untilStored(10);
    await stop();
    await expectAllEqual();
    for (const { viewer } of viewers) expect(viewer.epochs.length).toBeLessThanOrEqual(5);
  });
});

const readings = defineChannel({
  kind: "record",
  name: "readings",
  title: "Readings",
  cadence: 200,
  maxAge: 2000,
  filledBy: "source",
  metrics: { fixed: { title: "Fixed", unit: "count" } },
});
const shelf = defineChannel({
  kind: "table",
  name: "shelf",
  title: "Shelf",
  key: "sku",
  columns: { sku: { title: "Article", type: "text" }, left: { title: "Left", type: "number" } },
  maxRows: 5,
  cadence: 200,
  maxAge: 2000,
  filledBy: "source",
});

describe("FLUSHALL under nodes that are in use", () => {
  it("[L4][L5] keeps nothing of what was, and sources publish whole readings again", async () => {
    const sources = [
      defineSource({ channel: readings, read: async () => ({ fixed: 7 }) }),
      defineSource({ channel: shelf, read: async () => [{ sku: "s1", left: 3 }] }),
    ];
    await begin([], { channels: [...testChannels, readings, shelf], sources });
    await servers[0]!.append(
      { ch: "gauges", set: { a: 1 } },
      { ch: "visits", items: [{ page: "/" }] },
      { ch: "stock", rows: { s1: { sku: "s1", left: 1 } } },
    );
    await untilAll(
      ({ viewer }) => Object.keys(viewer.states.shelf ?? {}).length > 0 && viewer.epochs.length === 1,
    );
    await redis.command("FLUSHALL");
    await untilAll(({ viewer }) => viewer.epochs.length === 2);
    await vi.waitFor(() => {
      for (const { viewer } of viewers) {
        expect(viewer.states.readings).toMatchObject({ values: { fixed: 7 } });
        expect(viewer.states.shelf).toMatchObject({ rows: { s1: { left: 3 } } });
        expect(viewer.states.gauges).toMatchObject({ values: {} });
        expect(viewer.states.stock).toMatchObject({ rows: {} });
        expect(viewer.states.visits).toMatchObject({ items: [] });
      }
    }, BACK);
    expect(new Set(viewers.map(({ viewer }) => viewer.epoch)).size).toBe(1);
    expect(new Set(servers.map(epochOf)).size).toBe(1);
  });

  it("[L4][L2] is one new log when all nodes append at that moment", async () => {
    await begin([]);
    for (let round = 0; round < 5; round++) {
      await servers[0]!.append({ ch: "gauges", set: { a: round } });
      await redis.command("FLUSHALL");
      // Whoever is told that its update is stored finds it in the new log.
      const cursors = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          servers[n % 2]!.append({ ch: "visits", items: [{ page: `/${n}` }] }),
        ),
      );
      expect(new Set(cursors.map((cursor) => cursor.split(".")[1])).size).toBe(20);
      const ids = (await contentAt(redis.url)).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(cursors.map((cursor) => cursor.split(".")[1])));
      await expectAllEqual();
    }
    for (const { viewer } of viewers) expect(viewer.epochs.length).toBeLessThanOrEqual(6);
  });
});
