import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { BEAT_MS } from "@/lib/shared/protocol";
import type { FrameReader } from "../support/live-reader";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let readers: [name: string, reader: FrameReader][] = [];
beforeAll(async () => {
  server = await startLiveServer();
});
afterEach(() => {
  for (const [, reader] of readers) reader.close();
  readers = [];
});
afterAll(() => server.close());

/** One viewer on each of the transports that keep a connection. */
function watch(sub: number): void {
  for (const name of ["socket", "sse"])
    readers.push([name, TRANSPORTS[name]!(server, { channels: ["gauges"], sub })]);
}

/** A request that the server holds. */
async function hold(cursor: string, wait: number): Promise<{ answer: Promise<Response> }> {
  const signal = AbortSignal.timeout(8000);
  const answer = server.get(`/api/live/poll?channels=gauges&cursor=${cursor}&wait=${wait}`, { signal });
  await eventually(() => expect(server.runtime.hub.viewers().waiting).toBe(1));
  return { answer };
}

it("[F4] sends a beat every 10 s, which moves a quiet cursor on from where its last frame ended", async () => {
  watch(5);
  const first = await readers[0]![1].next();
  await readers[1]![1].next();
  await server.append({ ch: "meters", set: { x: 1 } });
  const head = server.runtime.hub.cursor;
  expect(head).not.toBe(first.to);
  await server.pass(BEAT_MS);
  for (const [name, reader] of readers) {
    const beat = await reader.next();
    expect(beat, name).toEqual({ from: first.to, to: head, updates: [], now: expect.any(Number), sub: 5 });
    expect(Math.abs(beat.now! - Date.now() - server.clock.ahead)).toBeLessThan(3000);
  }
  // The next one goes on from there, and so does a frame.
  const last = await server.append({ ch: "gauges", set: { a: 4 } });
  for (const [name, reader] of readers)
    expect(await reader.next(), name).toMatchObject({ from: head, to: last });
  await server.pass(BEAT_MS);
  for (const [name, reader] of readers)
    expect(await reader.next(), name).toMatchObject({ from: last, to: last, updates: [] });
});

it("[F4][T3] says that the log cannot be confirmed, since when, and at once when it can again", async () => {
  watch(6);
  for (const [, reader] of readers) await reader.next();
  const before = Date.now() + server.clock.ahead;
  const cursor = server.runtime.hub.cursor;
  server.log.failing.confirm = new CodedError("log_unavailable");
  try {
    server.clock.ahead += BEAT_MS + 2000;
    for (const [name, reader] of readers) {
      const { log, updates } = await reader.next();
      expect(updates).toEqual([]);
      expect(log, name).toBeDefined();
      expect(log!.delayedSince).toBeLessThanOrEqual(before + 1000);
      expect(log!.delayedSince).toBeGreaterThan(before - 3000);
    }
    // Whoever comes now is shown what is known, and told.
    const late = TRANSPORTS.sse!(server, { channels: ["gauges"] });
    readers.push(["late", late]);
    expect(await late.next()).toMatchObject({ snapshot: {}, log: { delayedSince: expect.any(Number) } });

    // Nobody knows whether there is news, so "nothing new" would be a lie.
    for (const wait of [0, 1]) {
      const asked = await server.get(`/api/live/poll?channels=gauges&cursor=${cursor}&wait=${wait}`);
      expect(asked.status).toBe(503);
      expect(asked.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await asked.json()).toMatchObject({ code: "log_unavailable" });
    }
    const tag = { headers: { "If-None-Match": `"${cursor}"` } };
    expect((await server.get("/api/live/snapshot?channels=gauges", tag)).status).toBe(503);
    expect((await server.get("/readyz")).status).toBe(503);
  } finally {
    server.log.failing.confirm = undefined;
  }
  for (const [name, reader] of readers) {
    const beat = await reader.next();
    expect(beat, name).toMatchObject({ updates: [], now: expect.any(Number) });
    expect(beat).not.toHaveProperty("log");
  }
  await eventually(async () => expect((await server.get("/readyz")).status).toBe(200));
});

it("[F4][T3] tells a held request at once that the log is out of reach, and wakes it only for that", async () => {
  await eventually(async () => expect((await server.get("/readyz")).status).toBe(200));
  const wait = vi.spyOn(server.runtime.hub, "wait");
  const cursor = server.runtime.hub.cursor;
  const held = await hold(cursor, 30);
  server.log.failing.confirm = new CodedError("log_unavailable");
  try {
    const since = performance.now();
    // Its wait is counted on the same clock, and is far from over.
    server.clock.ahead += BEAT_MS + 2000;
    const answer = await held.answer;
    expect(performance.now() - since).toBeLessThan(3000);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await answer.json()).toMatchObject({ code: "log_unavailable" });
    expect(wait).toHaveBeenCalledTimes(1);
  } finally {
    server.log.failing.confirm = undefined;
  }
  await eventually(async () => expect((await server.get("/readyz")).status).toBe(200));
  // When the log is back, whoever waits goes on waiting for news.
  const next = await hold(cursor, 30);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(wait).toHaveBeenCalledTimes(2);
  await server.append({ ch: "gauges", set: { a: 5 } });
  expect(await (await next.answer).json()).toMatchObject({ updates: [{ set: { a: 5 } }] });
  wait.mockRestore();
});

it("[T3] moves a cursor that stayed behind for a minute on with an empty frame", async () => {
  await eventually(async () => expect((await server.get("/readyz")).status).toBe(200));
  const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
  const head = await server.append({ ch: "meters", set: { x: 1 } });
  const path = `/api/live/poll?channels=gauges&cursor=${cursor}`;
  expect((await server.get(path)).status).toBe(304);
  server.clock.ahead += 61_000;
  await eventually(async () => expect((await server.get("/readyz")).status).toBe(200));
  expect(await (await server.get(path)).json()).toMatchObject({ from: cursor, to: head, updates: [] });
  expect((await server.get(path.replace(cursor, head))).status).toBe(304);
});
