import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { NewUpdate } from "@/lib/server/log/log";
import { formatCursor, idMs } from "@/lib/shared/cursor";
import { type Frame, frameSchema, MAX_CHANNELS } from "@/lib/shared/protocol";
import { contentOf, idOf } from "../support/live-log";
import { type FrameReader, type OpenReader, TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

const ALL = ["gauges", "meters", "stock", "visits"];

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

/** An id that no entry has, between two that there are. */
function neverGiven(): string {
  return formatCursor(
    server.runtime.hub.cursor.split(".")[0]!,
    `${idMs(idOf(server.runtime.hub.cursor))}-777`,
  );
}

describe.each(Object.entries(TRANSPORTS))("%s", (name, open: OpenReader) => {
  /** Plain requests have no connection of their own: a change of permission comes only where there is one. */
  const isHeld = name !== "poll" && name !== "long-poll";
  const read: OpenReader = (...args) => {
    const reader = open(...args);
    onTestFinished(() => reader.close());
    return reader;
  };

  it("[F2] begins with a snapshot of everything when there is no cursor", async () => {
    await server.append({ ch: "gauges", set: { a: 1 } }, { ch: "stock", rows: { p: { sku: "p", left: 2 } } });
    const frame = await read(server, { channels: ALL }).next();
    expect(frameSchema.parse(frame)).toEqual(frame);
    expect(frame).not.toHaveProperty("from");
    expect(frame).not.toHaveProperty("updates");
    expect(frame.to).toBe(server.runtime.hub.cursor);
    expect(Object.keys(frame.snapshot!).sort()).toEqual(ALL);
    for (const channel of ALL)
      expect(frame.snapshot![channel]).toEqual(json(server.runtime.hub.state(channel)));
    expect(Math.abs(frame.now! - Date.now())).toBeLessThan(2000);
    expect(frame).not.toHaveProperty("log");
  });

  it("[F1] goes on from a cursor with exactly the updates of its channels that came after it", async () => {
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    await server.append({ ch: "gauges", set: { b: 2 } }, { ch: "meters", set: { x: 5 } });
    await server.append({ ch: "stock", rows: { p: { sku: "p", left: 3 } } });
    await server.append({ ch: "gauges", set: {}, ts: 123 }, { ch: "visits", items: [{ page: "/" }] });
    const head = server.runtime.hub.cursor;

    const reader = read(server, { channels: ["visits", "gauges"], cursor });
    const frame = await reader.next();
    expect(frameSchema.parse(frame)).toEqual(frame);
    expect(frame.from).toBe(cursor);
    expect(frame.to).toBe(head);
    expect(frame).not.toHaveProperty("snapshot");
    const after = await contentOf(server.log, idOf(cursor));
    expect(frame.updates).toEqual(after.filter(({ ch }) => ch === "gauges" || ch === "visits"));
    expect(frame.updates!.map(({ id: _, ...update }) => update)).toEqual([
      { ch: "gauges", set: { b: 2 } },
      { ch: "gauges", set: {}, ts: 123 },
      { ch: "visits", items: [{ page: "/" }] },
    ]);

    const next = await server.append({ ch: "gauges", set: { c: 1 } });
    const live = await reader.until(({ updates }) => updates!.length > 0);
    expect(live.from).toBe(head);
    expect(live.to).toBe(next);
    expect(live.updates).toEqual([{ id: idOf(next), ch: "gauges", set: { c: 1 } }]);
    expect(live).not.toHaveProperty("snapshot");
  });

  it("[F1] says in each part of a long way back but the last that there is more, and never once live", async () => {
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    const visit: NewUpdate = { ch: "visits", items: [{ page: "x".repeat(20_000) }] };
    for (let i = 0; i < 10; i++) await server.append(visit);
    const last = await server.append({ ch: "gauges", set: { a: 2 } });
    const reader = read(server, { channels: ["gauges", "visits"], cursor });
    await reader.until(({ to }) => to === last);
    expect(frameSchema.parse(reader.frames[0])).toEqual(reader.frames[0]);
    expect(reader.frames.length).toBeGreaterThan(3);
    expectMoreUntil(last, reader.frames);
    // The next ones are many too, but nobody is behind.
    const live = await server.append(...Array<NewUpdate>(10).fill(visit));
    await reader.until(({ to }) => to === live);
    if (isHeld)
      expect(reader.frames.filter(({ more }) => more)).toHaveLength(wayBack(last, reader.frames) - 1);
    else expectMoreUntil(live, reader.frames.slice(wayBack(last, reader.frames)));
    await server.append({ ch: "visits", items: [{}, {}, {}] });
  });

  it("[F1] sends nothing for updates of channels that were not asked for", async () => {
    const cursor = server.runtime.hub.cursor;
    const reader = read(server, { channels: ["gauges"], cursor });
    if (isHeld) await reader.next();
    await server.append({ ch: "meters", set: { x: 1 } });
    const last = await server.append({ ch: "gauges", set: { a: 7 } });
    const frame = await reader.until(({ updates }) => updates!.length > 0);
    expect(frame).toMatchObject({ from: cursor, to: last, updates: [{ ch: "gauges", set: { a: 7 } }] });
    expect(frame.updates).toHaveLength(1);
  });

  it("[F3] echoes the number of the subscription in every frame", async () => {
    const reader = read(server, { channels: ["gauges"], sub: 4_000_000_007 });
    await reader.next();
    await server.append({ ch: "gauges", set: { a: 8 } });
    await reader.next();
    expect(reader.frames.map(({ sub }) => sub)).toEqual([4_000_000_007, 4_000_000_007]);
  });

  it("[F2] sends a snapshot of just the channels asked for afresh, beside the updates of the others", async () => {
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    await server.append({ ch: "meters", set: { x: 9 } });
    const head = await server.append({ ch: "gauges", set: { a: 2 } });
    const reader = read(server, { channels: ["gauges", "meters"], cursor, fresh: ["meters"] });
    const frame = await reader.next();
    expect(frame).toMatchObject({ from: cursor, to: head, updates: [{ ch: "gauges", set: { a: 2 } }] });
    expect(frame.updates).toHaveLength(1);
    expect(Object.keys(frame.snapshot!)).toEqual(["meters"]);
    expect(frame.snapshot!.meters).toMatchObject({ values: { x: 9 } });

    await server.append({ ch: "meters", set: { x: 10 } });
    const live = await reader.until(({ updates }) => updates!.length > 0);
    expect(live).toMatchObject({ from: head, updates: [{ ch: "meters", set: { x: 10 } }] });
    expect(live).not.toHaveProperty("snapshot");
  });

  it.each([
    ["another log", () => `otherlog.${idOf(server.runtime.hub.cursor)}`],
    ["beyond the head", () => `${server.runtime.hub.cursor.split(".")[0]}.9999999999999-0`],
    ["an id that was never given", neverGiven],
  ])("[L5] answers a cursor of %s with a snapshot, never with a silent gap", async (_, cursor) => {
    await server.append({ ch: "gauges", set: { a: 1 } });
    const frame = await read(server, { channels: ["gauges"], cursor: cursor() }).next();
    expect(frame.from).toBeUndefined();
    expect(frame.updates).toBeUndefined();
    expect(frame.to).toBe(server.runtime.hub.cursor);
    expect(frame.snapshot!.gauges).toMatchObject({ values: { a: 1 } });
  });

  it("[T7] names the channels that are refused, and goes on with the others", async () => {
    await server.append({ ch: "gauges", set: { a: 1 } });
    const cursor = await server.append({ ch: "meters", set: { x: 1 } });
    await server.deny("meters");
    try {
      const first = await read(server, { channels: ["gauges", "meters"] }).next();
      expect(first.denied).toEqual(["meters"]);
      expect(Object.keys(first.snapshot!)).toEqual(["gauges"]);
      // A cursor is a position, never a permission; asking afresh is none either.
      await server.append({ ch: "meters", set: { x: 2 } }, { ch: "gauges", set: { a: 2 } });
      for (const fresh of [undefined, ["meters"]]) {
        const resumed = read(server, { channels: ["gauges", "meters"], cursor, fresh });
        const { frames } = resumed;
        expect(await resumed.next()).toMatchObject({ denied: ["meters"] });
        // The first frame ends where those who read the same have got to; the rest comes with theirs.
        await eventually(() => expect(frames.at(-1)!.to).toBe(server.runtime.hub.cursor));
        expect(frames.flatMap(({ updates }) => updates!.map(({ ch }) => ch))).toEqual(["gauges"]);
        for (const { snapshot } of frames) expect(snapshot ?? {}).toEqual({});
      }
    } finally {
      await server.deny();
    }
  });

  it("[T7] stops at the very update that takes a channel away, and starts again with a snapshot of it", async () => {
    await server.append({ ch: "gauges", set: { a: 0 } }, { ch: "meters", set: { x: 0 } });
    const viewer = new Viewer(["gauges", "meters"]);
    const reader = read(server, viewer.subscription);
    viewer.take(await reader.next());
    // All of this is committed together, so that frames have to be cut at the change.
    const both = (n: number): NewUpdate[] => [
      { ch: "meters", set: { x: n } },
      { ch: "gauges", set: { a: n } },
    ];
    const change = (denied: string) => ({ ch: "$access", rows: { anonymous: { denied } } });
    const taken = await server.append(...both(1), change("meters"), ...both(2));
    const head = server.runtime.hub.cursor;
    expect(taken).toBe(head);
    await readUntil(reader, viewer, () => viewer.cursor === head && viewer.denied.includes("meters"));
    expect(viewer.applied.filter(({ ch }) => ch === "meters").map(({ set }) => set!.x)).not.toContain(2);
    expect(viewer.applied.filter(({ ch }) => ch === "gauges").map(({ set }) => set!.a)).toEqual([1, 2]);
    for (const { updates } of reader.frames)
      expect(updates?.filter(({ ch, set }) => ch === "meters" && set!.x === 2) ?? []).toEqual([]);

    // A plain request says what it lacks, as it has no connection that would remember.
    const again = isHeld ? reader : read(server, viewer.subscription);
    const snapshots = viewer.snapshots.length;
    await server.append(...both(3), change(""), ...both(4));
    await readUntil(
      again,
      viewer,
      () => viewer.cursor === server.runtime.hub.cursor && !!viewer.states.meters,
    );
    expect(viewer.snapshots.slice(snapshots).map(({ channel }) => channel)).toEqual(["meters"]);
    expect(viewer.states).toEqual({
      gauges: json(server.runtime.hub.state("gauges")),
      meters: json(server.runtime.hub.state("meters")),
    });
    expect(viewer.applied.filter(({ ch }) => ch === "gauges").map(({ set }) => set!.a)).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ["bad_request", { channels: [] }],
    ["bad_request", { channels: ["Gauges"] }],
    ["bad_request", { channels: ["$access"] }],
    ["unknown_channel", { channels: ["gauges", "nonsense"] }],
    ["unknown_channel", { channels: ["gauges"], cursor: "abc.1-0", fresh: ["nonsense"] }],
    ["invalid_cursor", { channels: ["gauges"], cursor: "abc" }],
    ["invalid_cursor", { channels: ["gauges"], cursor: "abc.1-0x" }],
    ["bad_request", { channels: ["gauges"], sub: -1 }],
    ["bad_request", { channels: ["gauges"], sub: 0.5 }],
    ["too_many_channels", { channels: Array.from({ length: MAX_CHANNELS + 1 }, (_, i) => `c${i}`) }],
  ])("[T6] refuses with %s: %j", async (code, subscribe) => {
    expect(await read(server, subscribe).refused()).toMatchObject({ code });
  });

  it("[F1] counts a channel asked for twice once", async () => {
    const reader = read(server, { channels: ["gauges", "gauges"] });
    await reader.next();
    await server.append({ ch: "gauges", set: { a: 3 } });
    expect((await reader.next()).updates).toHaveLength(1);
  });
});

describe("a way back that memory does not cover", () => {
  it.each(Object.keys(TRANSPORTS))("[F1][H1] says until its end that there is more, on %s", async (name) => {
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    // More than the hub keeps in memory (8 MB), and nothing of it is for this reader.
    const visit: NewUpdate = { ch: "visits", items: [{ page: "x".repeat(500_000) }] };
    for (let i = 0; i < 20; i++) await server.append(visit);
    await server.append({ ch: "visits", items: [{}, {}, {}] });
    const last = await server.append({ ch: "gauges", set: { a: 2 } });
    const { fromEngine } = server.runtime.hub.reads;
    const reader = TRANSPORTS[name]!(server, { channels: ["gauges"], cursor });
    await reader.until(({ to }) => to === last).finally(reader.close);
    expect(server.runtime.hub.reads.fromEngine).toBeGreaterThan(fromEngine);
    expectMoreUntil(last, reader.frames);
  });
});

/** How many frames it took to get to `to`. */
function wayBack(to: string, frames: readonly Frame[]): number {
  return frames.findIndex((frame) => frame.to === to) + 1;
}

/** Of the frames up to `to` all but the last say that there is more. */
function expectMoreUntil(to: string, frames: readonly Frame[]): void {
  const parts = frames.slice(0, wayBack(to, frames));
  expect(parts.map(({ more }) => more)).toEqual([...parts.slice(1).map(() => true), undefined]);
}

function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Gives the viewer what arrives until it is as wanted. */
async function readUntil(reader: FrameReader, viewer: Viewer, wanted: () => boolean): Promise<void> {
  while (!wanted()) viewer.take(await reader.next());
}
