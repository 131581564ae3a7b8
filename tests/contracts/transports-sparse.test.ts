import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { NewUpdate } from "@/lib/server/log/log";
import type { Frame } from "@/lib/shared/protocol";
import { type OpenReader, TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";

const CHANNELS = ["gauges", "stock", "visits"];
const UPDATES = 60;
const EVERY_MS = 50;

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Of each kind of channel in turn. */
function numbered(n: number): NewUpdate {
  if (n % 3 === 0) return { ch: "gauges", set: { a: n } };
  if (n % 3 === 1) return { ch: "stock", rows: { p: { sku: "p", left: n } } };
  return { ch: "visits", items: [{ page: `/${n}` }] };
}

/** Many updates, one after the other, for some seconds; the cursor of the last. */
async function stream(): Promise<string> {
  let last = "";
  for (let n = 0; n < UPDATES; n++) {
    last = await server.append(numbered(n));
    await sleep(EVERY_MS);
  }
  return last;
}

const numbersIn = (frames: readonly Frame[]) =>
  frames.reduce((sum, { updates = [] }) => sum + updates.length, 0);
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

// A plain poll is as sparse as its reader asks; one that is not held is answered at once.
const { poll: _poll, ...HELD } = TRANSPORTS;

describe.each(Object.entries(HELD))("%s", (name, open: OpenReader) => {
  const read: OpenReader = (...args) => {
    const reader = open(...args);
    onTestFinished(() => reader.close());
    return reader;
  };

  it("[H7] a sparse viewer gets all of it in one frame a second, while others get theirs as ever", async () => {
    await server.append(...[0, 1, 2].map(numbered));
    const viewer = new Viewer(CHANNELS);
    const sparse = read(server, { ...viewer.subscription, sub: 7, sparse: true });
    const usual = read(server, { channels: CHANNELS, sub: 7 });
    viewer.take(await sparse.next());
    await usual.next();
    const before = { applied: viewer.applied.length, usual: usual.frames.length };
    const began = performance.now();
    const last = await stream();
    await usual.until(({ to }) => to === last);
    while (viewer.cursor !== last) viewer.take(await sparse.next());
    const seconds = (performance.now() - began) / 1000;

    // On a slow machine it takes longer, and there may be more of them, but never more than one a second.
    const frames = sparse.frames.slice(1);
    expect(frames.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(numbersIn(frames)).toBe(UPDATES);
    expect(viewer.applied.length - before.applied).toBe(UPDATES);
    for (const channel of CHANNELS)
      expect(viewer.states[channel]).toEqual(json(server.runtime.hub.state(channel)));
    // One is sent at once when the last was a while ago; on a busy machine a few may share a frame.
    expect(usual.frames.length - before.usual).toBeGreaterThan(2 * frames.length);
    expect(frames.every(({ sub }) => sub === 7)).toBe(true);
  });

  it("[H7][H1] one who joins with a cursor past what the others were sent misses nothing and has nothing twice", async () => {
    const first = read(server, { channels: CHANNELS, sub: 9, sparse: true });
    await first.next();
    // These wait for the next second, and the second viewer has them already.
    const cursor = await server.append(...[3, 4, 5].map(numbered));
    const viewer = new Viewer(CHANNELS);
    viewer.take(await read(server, { channels: CHANNELS, sub: 9, sparse: true }).next());
    expect(viewer.cursor).toBe(cursor);
    const joined = read(server, { ...viewer.subscription, sub: 9, sparse: true });
    const last = await server.append(...[6, 7, 8].map(numbered));
    while (viewer.cursor !== last) viewer.take(await joined.next());
    expect(viewer.applied).toHaveLength(3);
    await first.until(({ to }) => to === last);
    expect(numbersIn(first.frames)).toBe(6);
  });

  it("[H7][T7] what came before a change of permission comes before it, and nothing after it", async () => {
    await server.append(...[0, 1, 2].map(numbered));
    const viewer = new Viewer(CHANNELS);
    const reader = read(server, { ...viewer.subscription, sparse: true });
    viewer.take(await reader.next());
    try {
      await server.append(
        { ch: "gauges", set: { a: 100 } },
        { ch: "$access", rows: { anonymous: { denied: "gauges" } } },
        { ch: "gauges", set: { a: 101 } },
        { ch: "visits", items: [{ page: "/after" }] },
      );
      const { cursor } = server.runtime.hub;
      while (!(viewer.denied.includes("gauges") && viewer.cursor === cursor))
        viewer.take(await reader.next());
      const told = reader.frames.flatMap(({ updates = [] }) => updates.filter(({ ch }) => ch === "gauges"));
      // A poll is answered as of when it is read.
      expect(told.map(({ set }) => set!.a)).toEqual(name === "long-poll" ? [] : [100]);
    } finally {
      await server.deny();
    }
  });
});

it.each(["socket", "sse"])("[H7][F4] a quiet sparse viewer has its beats: %s", async (name) => {
  const reader = TRANSPORTS[name]!(server, { channels: ["gauges"], sub: 3, sparse: true });
  try {
    await reader.next();
    await server.pass(11_000);
    await reader.until(({ now, updates }) => now !== undefined && updates!.length === 0);
  } finally {
    reader.close();
  }
});

it("[H7] on a plain poll the reader decides how often it asks: it is answered at once", async () => {
  const reader = TRANSPORTS.poll!(server, { channels: ["gauges"], sparse: true });
  try {
    await reader.next();
    const cursor = await server.append({ ch: "gauges", set: { a: 5 } });
    expect(await reader.next()).toMatchObject({ to: cursor, updates: [{ set: { a: 5 } }] });
  } finally {
    reader.close();
  }
});
