import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bursts, startFlow } from "../support/live-flow";
import { contentOf } from "../support/live-log";
import { type FrameReader, TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { type RedisServer, startRedis } from "../support/redis-server";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy";

const CHANNELS = ["gauges", "stock", "visits"];
const NAMES = ["socket", "socket, asked by an event", "sse", "long-poll", "poll"];

let redis: RedisServer;
let proxy: TcpProxy;
/** `lagging` reads Redis through the proxy. */
let lagging: LiveServer;
let ahead: LiveServer;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy(redis.port);
  lagging = await startLiveServer({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
  ahead = await startLiveServer({ redisUrl: redis.url });
});
afterAll(async () => {
  proxy.clear();
  await Promise.all([lagging.close(), ahead.close()]);
  await proxy.close();
  await redis.close();
});

afterEach(() => {
  proxy.clear();
  lagging.log.dropNotifications = false;
  lagging.log.holdReads = undefined;
});

/** An event stream has begun by then and has no words for it: it ends, and EventSource asks again. */
const refusalOn = (name: string) => (name === "sse" ? "internal" : "behind");

const headOf = ({ runtime }: LiveServer) => runtime.hub.cursor;

/** Both nodes at one position, and a viewer that is there as well. */
async function together(): Promise<Viewer> {
  const last = await vi.waitFor(() => ahead.append({ ch: "gauges", set: { a: 0 } }), { timeout: 15_000 });
  await vi.waitFor(() => expect(headOf(lagging)).toBe(last), { timeout: 15_000 });
  const viewer = new Viewer(CHANNELS);
  const reader = TRANSPORTS.socket!(ahead, viewer.subscription);
  viewer.take(await reader.next());
  reader.close();
  return viewer;
}

/** The viewer reads on at the node that is ahead, while the other hears nothing. */
async function getAhead(viewer: Viewer): Promise<void> {
  proxy.blockAnswers();
  const reader = TRANSPORTS.socket!(ahead, viewer.subscription);
  await ahead.append({ ch: "gauges", set: { a: 1 } });
  const to = await ahead.append({ ch: "visits", items: [{ page: "/seen" }] });
  while (viewer.cursor !== to) viewer.take(await reader.next());
  reader.close();
  expect(headOf(lagging) < to).toBe(true);
}

describe("a cursor that another node gave out, before this one has read as far", () => {
  it.each(NAMES)("[L5] is waited for and read on from, without a gap, on %s", async (name) => {
    const viewer = await together();
    await getAhead(viewer);
    const reader = TRANSPORTS[name]!(lagging, viewer.subscription);
    await ahead.append({ ch: "stock", rows: { s1: { left: 1 } } });
    // Long enough for it to have been asked, short enough for it to wait.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(reader.frames).toEqual([]);
    proxy.clear();
    const last = await ahead.append({ ch: "gauges", set: { b: 2 } });
    while (viewer.cursor !== last) viewer.take(await reader.next());
    reader.close();
    expect(viewer.snapshots).toHaveLength(CHANNELS.length);
    expect(viewer.applied).toEqual(await contentOf(ahead.log, viewer.snapshots[0]!.at));
  });

  it.each(NAMES)("[L5][T6] is refused for now when that takes too long, on %s", async (name) => {
    const viewer = await together();
    await getAhead(viewer);
    const reader = TRANSPORTS[name]!(lagging, viewer.subscription);
    expect((await reader.refused()).code).toBe(refusalOn(name));
    expect(reader.frames).toEqual([]);
    reader.close();
  });

  it.each(NAMES)("[L5] is refused for now when only the tail is stuck, on %s", async (name) => {
    const viewer = await together();
    lagging.log.dropNotifications = true;
    lagging.log.holdReads = () => new Promise((resolve) => setTimeout(resolve, 3000));
    const reader = TRANSPORTS.socket!(ahead, viewer.subscription);
    const to = await ahead.append({ ch: "gauges", set: { a: 1 } });
    while (viewer.cursor !== to) viewer.take(await reader.next());
    reader.close();
    const second = TRANSPORTS[name]!(lagging, viewer.subscription);
    expect((await second.refused()).code).toBe(refusalOn(name));
    expect(second.frames).toEqual([]);
    second.close();
  });

  it.each(NAMES)("[L5] that lies beyond the log's head is gone: a snapshot, on %s", async (name) => {
    await together();
    const [epoch] = headOf(ahead).split(".");
    const reader = TRANSPORTS[name]!(lagging, {
      channels: CHANNELS,
      cursor: `${epoch}.${Date.now() + 3_600_000}-0`,
    });
    const frame = await reader.next();
    reader.close();
    expect(frame.from).toBeUndefined();
    expect(frame.to).toBe(headOf(lagging));
  });
});

describe("a move between nodes", () => {
  const journey = fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      node: fc.integer({ min: 0, max: 1 }),
      frames: fc.integer({ min: 1, max: 3 }),
      resets: fc.boolean(),
    }),
    { minLength: 2, maxLength: 6 },
  );

  it("[T8][L5] continues exactly where the other node left off, on any transport, while updates flow", async () => {
    const nodes = [lagging, ahead];
    await fc.assert(
      fc.asyncProperty(journey, bursts(["meters", ...CHANNELS]), async (legs, plan) => {
        const viewer = new Viewer(CHANNELS);
        const flows = nodes.map((node) => startFlow(node, [...plan, { pause: 3, channels: ["gauges"] }]));
        let last: FrameReader | undefined;
        for (const { name, node, frames, resets } of legs) {
          last?.close();
          if (resets) proxy.reset();
          last = await open(nodes[node]!, name, viewer, frames);
        }
        await Promise.all(flows.map((flow) => flow.stop()));
        await lagging.append({ ch: "gauges", set: { b: 1 } });
        while (viewer.applied.at(-1)?.set?.b !== 1) viewer.take(await last!.next());
        last!.close();
        expect(viewer.snapshots.map(({ channel }) => channel)).toEqual(CHANNELS);
        const truth = await contentOf(ahead.log, viewer.snapshots[0]!.at);
        const end = truth.findIndex(({ id }) => id === viewer.applied.at(-1)!.id);
        expect(viewer.applied).toEqual(truth.slice(0, end + 1).filter(({ ch }) => CHANNELS.includes(ch)));
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });

  /** Reads some frames; a node that is behind says so, and is asked again, as a client does. */
  async function open(node: LiveServer, name: string, viewer: Viewer, frames: number): Promise<FrameReader> {
    const before = viewer.cursor;
    const reader = TRANSPORTS[name]!(node, viewer.subscription);
    try {
      for (let i = 0; i < frames; i++) viewer.take(await reader.next());
      return reader;
    } catch (error) {
      reader.close();
      const { code } = reader.refusal ?? {};
      if (code !== refusalOn(name) && code !== "log_unavailable") throw error;
      if (viewer.cursor === before) await new Promise((resolve) => setTimeout(resolve, 50));
      return open(node, name, viewer, frames);
    }
  }
});
