import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BEAT_MS } from "@/lib/shared/protocol";
import { startFlow } from "../support/live-flow";
import { type Followed, startViewer } from "../support/live-follow";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { contentAt } from "../support/redis-nodes";
import { type RedisServer, startRedis } from "../support/redis-server";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy";

vi.setConfig({ testTimeout: 90_000 });

const CHANNELS = ["gauges", "visits"];
const TRANSPORTS = ["socket", "sse", "long-poll", "poll"];
/** The log counts as delayed after a beat; a call may have to time out first, and a machine may be slow. */
const TOLD = { timeout: BEAT_MS + 10_000, interval: 20 };
const BACK = { timeout: 25_000, interval: 20 };

let redis: RedisServer;
let proxy: TcpProxy;
let cutOff: LiveServer;
let other: LiveServer;
let viewers: Followed[];

beforeEach(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy(redis.port);
  cutOff = await startLiveServer({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
  other = await startLiveServer({ redisUrl: redis.url });
  viewers = TRANSPORTS.map((name) => startViewer(cutOff, name, CHANNELS));
  await other.append({ ch: "gauges", set: { a: 0 } });
  await untilAllAt(other.runtime.hub.cursor);
});

afterEach(async () => {
  for (const viewer of viewers) viewer.stop();
  redis.resume();
  await Promise.all([cutOff.close(), other.close()]);
  await proxy.close();
  await redis.close();
});

function untilAllAt(cursor: string): Promise<void> {
  return vi.waitFor(() => {
    for (const { viewer, check, name } of viewers) {
      check();
      if (viewer.cursor !== cursor) throw new Error(`${name} is at ${viewer.cursor}`);
    }
  }, BACK);
}

const post = (server: LiveServer) =>
  server.get("/api/ingest/gauges", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ b: 1 }),
  });

/** Viewers keep what they have and are told; load balancers and producers are sent elsewhere. */
async function expectToBeTold(server: LiveServer): Promise<void> {
  await vi.waitFor(async () => expect((await server.get("/readyz")).status).toBe(503), TOLD);
  await vi.waitFor(() => {
    for (const { name, delayedSince, refusals, check } of viewers) {
      check();
      // A stream is told in a beat; a poll is refused, as an empty answer would say that there is nothing new.
      if (name.includes("poll")) expect(refusals).toContain("log_unavailable");
      else expect(delayedSince, name).toBeLessThanOrEqual(Date.now() - BEAT_MS);
    }
  }, TOLD);
  for (const { viewer } of viewers) expect(viewer.states.gauges).toMatchObject({ values: { a: 0 } });
}

async function expectAllCaughtUp(): Promise<void> {
  await vi.waitFor(async () => expect((await cutOff.get("/readyz")).status).toBe(200), BACK);
  await vi.waitFor(() => cutOff.append({ ch: "gauges", set: { c: 3 } }), BACK);
  const last = await other.append({ ch: "visits", items: [{ page: "/last" }] });
  await untilAllAt(last);
  const content = await contentAt(redis.url);
  for (const { viewer } of viewers) {
    expect(viewer.epochs).toHaveLength(1);
    const from = content.findIndex(({ id }) => id === viewer.snapshots[0]!.at);
    expect(viewer.applied).toEqual(content.slice(from + 1));
  }
  await vi.waitFor(() => {
    for (const { delayedSince, name } of viewers)
      if (!name.includes("poll")) expect(delayedSince).toBeUndefined();
  }, TOLD);
}

describe("a node cut off from Redis while another goes on", () => {
  it.each(["cut", "block"] as const)(
    "[K2][F4][T6] tells its viewers and producers, and all catch up without a gap: %s",
    async (fault) => {
      proxy[fault]();
      const posted = Promise.all(Array.from({ length: 5 }, () => post(cutOff)));
      const flow = startFlow(other, [{ pause: 12, channels: CHANNELS }]);
      await expectToBeTold(cutOff);
      expect((await other.get("/readyz")).status).toBe(200);
      for (const response of await posted) {
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({
          code: expect.stringMatching(/^(log_unavailable|unknown_outcome)$/),
        });
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      proxy.clear();
      await vi.waitFor(() => {
        if (cutOff.runtime.hub.cursor < other.runtime.hub.cursor) throw new Error("behind");
      }, BACK);
      await flow.stop();
      await expectAllCaughtUp();
    },
  );
});

describe("a Redis whose connections are healthy and silent", () => {
  it.each([
    ["stalled", () => redis.stall(), () => redis.resume()],
    // Nobody can tell a paused Redis to go on: it does by itself.
    ["paused", () => redis.command("CLIENT", "PAUSE", "20000", "ALL"), () => undefined],
    [
      "takes no writes",
      () => redis.command("CLIENT", "PAUSE", "1000000", "WRITE"),
      () => redis.command("CLIENT", "UNPAUSE"),
    ],
  ] satisfies [string, () => unknown, () => unknown][])(
    "[K2][F4] is noticed by what goes through it: %s",
    async (_, silence, restore) => {
      await silence();
      await expectToBeTold(cutOff);
      await vi.waitFor(async () => expect((await other.get("/readyz")).status).toBe(503), TOLD);
      await restore();
      await expectAllCaughtUp();
    },
  );
});
