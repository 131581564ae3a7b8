import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bursts, startFlow } from "../support/live-flow";
import { contentOf } from "../support/live-log";
import { type FrameReader, TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";

const CHANNELS = ["gauges", "stock", "visits"];
const NAMES = ["socket", "sse", "long-poll", "poll"];

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

/** One after the other: a transport, how many frames are read, and whether the one before still runs. */
const journey = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES),
    frames: fc.integer({ min: 1, max: 3 }),
    overlaps: fc.boolean(),
  }),
  { minLength: 2, maxLength: 5 },
);

async function travel(viewer: Viewer, legs: { name: string; frames: number; overlaps: boolean }[]) {
  let previous: FrameReader | undefined;
  for (const { name, frames, overlaps } of legs) {
    if (!overlaps) previous?.close();
    const reader = TRANSPORTS[name]!(server, viewer.subscription);
    for (let i = 0; i < frames; i++) {
      const frame = await reader.next();
      // What the other one brought meanwhile comes before or after it; neither may matter.
      if (overlaps && previous && i === 0) for (const late of drain(previous)) viewer.take(late);
      viewer.take(frame);
    }
    if (overlaps && previous) for (const late of drain(previous)) viewer.take(late);
    previous?.close();
    previous = reader;
  }
  return previous!;
}

const drained = new WeakMap<FrameReader, number>();
function drain(reader: FrameReader) {
  const from = drained.get(reader) ?? 0;
  drained.set(reader, reader.frames.length);
  return reader.frames.slice(from);
}

it("[T8] continues on any transport exactly where any other left off, while updates flow", async () => {
  await fc.assert(
    fc.asyncProperty(journey, bursts(["meters", ...CHANNELS]), async (legs, plan) => {
      const viewer = new Viewer(CHANNELS);
      // Something must be there to be read, whatever the plan is.
      const flow = startFlow(server, [...plan, { pause: 3, channels: ["gauges"] }]);
      const last = await travel(viewer, legs).finally(flow.stop);
      const head = server.runtime.hub.cursor;
      // The last one is read to its end; a beat would move a quiet cursor, here an update does.
      await server.append({ ch: "gauges", set: { b: 1 } });
      while (viewer.cursor === undefined || viewer.applied.at(-1)?.set?.b !== 1)
        viewer.take(await last.next());
      last.close();
      expect(viewer.cursor).not.toBe(head);

      // The first snapshot is the only one, and after it every update of its channels came once, in order.
      expect(viewer.snapshots.map(({ channel }) => channel)).toEqual(CHANNELS);
      const truth = await contentOf(server.log, viewer.snapshots[0]!.at);
      expect(viewer.applied).toEqual(truth.filter(({ ch }) => CHANNELS.includes(ch)));
      for (const channel of CHANNELS)
        expect(viewer.states[channel]).toEqual(JSON.parse(JSON.stringify(server.runtime.hub.state(channel))));
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

it.each(NAMES.flatMap((from) => NAMES.map((to) => [from, to])))(
  "[T8] takes a cursor from %s to %s",
  async (from, to) => {
    const viewer = new Viewer(CHANNELS);
    const first = TRANSPORTS[from]!(server, viewer.subscription);
    viewer.take(await first.next());
    await server.append({ ch: "gauges", set: { a: 1 } });
    while (viewer.applied.length < 1) viewer.take(await first.next());
    first.close();
    await server.append({ ch: "visits", items: [{ page: "/missed" }] });
    const second = TRANSPORTS[to]!(server, viewer.subscription);
    await server.append({ ch: "stock", rows: { s1: { left: 5 } } });
    while (viewer.applied.length < 3) viewer.take(await second.next());
    second.close();
    expect(viewer.applied.map(({ ch }) => ch)).toEqual(["gauges", "visits", "stock"]);
    expect(viewer.snapshots).toHaveLength(CHANNELS.length);
  },
);
