import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { type Cursor, formatCursor } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { bursts, someUpdate, startFlow } from "../support/live-flow";
import { type LiveHub, SpyFanout, SpyReceiver, startHub } from "../support/live-hub";
import { contentOf, idOf } from "../support/live-log";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

const ALL = ["gauges", "meters", "stock", "visits"];

let live: LiveHub;
/** Cursors of the beginning, which memory does not reach back to. */
const old: Cursor[] = [];
beforeAll(async () => {
  live = await startHub();
  // More than the hub keeps in memory (8 MB), in few entries.
  const page = "x".repeat(200_000);
  for (let i = 0; i < 50; i++) {
    old.push(await live.append(someUpdate("gauges")));
    await live.append({ ch: "visits", items: [{ page }] });
  }
  // The state itself is small again.
  await live.append({ ch: "visits", items: [{}, {}, {}] });
});
afterAll(() => live.close());

let lastSub = 0;

/**
 * A viewer at the hub itself; everything that it is sent goes through the strict rules of `Viewer`. Those with
 * one number share frames and what is read for them; by default each has its own.
 */
function join(channels: string[], cursor?: Cursor, fanout = new SpyFanout(), sub = lastSub++) {
  const viewer = new Viewer(channels);
  const receiver = new SpyReceiver();
  const started = cursor ?? live.hub.cursor;
  const request = cursor === undefined ? { channels, sub } : { channels, cursor, sub, fresh: [] };
  const attachment = live.hub.attach(fanout, receiver, "ada", request);
  return { viewer, receiver, started, attachment, cursor };
}

/** Expects that `joined` has exactly what the log holds after its cursor or its snapshot. */
function expectComplete({ viewer, receiver, cursor, started }: ReturnType<typeof join>, truth: Update[]) {
  expect(receiver.failure).toBeUndefined();
  const channels = [...viewer.channels];
  const replayed = new Viewer(channels);
  // A viewer with a cursor has been given its state before, which is of no interest here.
  if (cursor !== undefined) {
    const snapshot = Object.fromEntries(channels.map((channel) => [channel, live.hub.state(channel)!]));
    replayed.take({ to: cursor, snapshot });
  }
  for (const frame of receiver.frames) replayed.take(frame);
  // Whoever was told that there is more has been told that there is no more.
  expect(receiver.frames.at(-1)).not.toHaveProperty("more");
  const from = truth.findIndex(({ id }) => id === idOf(started));
  const expected = truth.slice(from + 1).filter(({ ch }) => channels.includes(ch));
  expect(replayed.applied.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  expect(replayed.applied).toEqual(expected);
}

/** Waits until all of them have got to the head. */
function arrive(joined: ReturnType<typeof join>[]): Promise<void> {
  const ends = () => new Set(joined.map(({ receiver }) => receiver.frames.at(-1)?.to));
  return eventually(() => expect(ends()).toEqual(new Set([live.hub.cursor])));
}

/** The same, and expects that they lack nothing; then they leave. */
async function expectAllComplete(joined: ReturnType<typeof join>[]): Promise<void> {
  await arrive(joined);
  const truth = await contentOf(live.log);
  for (const each of joined) {
    expectComplete(each, truth);
    each.attachment.close();
  }
}

describe("catching up", () => {
  const place = fc.constantFrom("nowhere", "engine", "memory", "head");
  const joins = fc.array(
    fc.record({
      after: fc.nat(15),
      place,
      at: fc.nat(),
      channels: fc.subarray(ALL, { minLength: 1 }),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it("[H1][F1] ends in being live without a loss, whenever and wherever it begins, while updates flow", async () => {
    await fc.assert(
      fc.asyncProperty(
        joins,
        bursts(ALL),
        fc.array(fc.nat(6), { minLength: 1 }),
        async (joins, plan, delays) => {
          let reads = 0;
          live.log.holdReads = () => sleep(delays[reads++ % delays.length]);
          const recent = [live.hub.cursor];
          const flow = startFlow(
            { append: async (...updates) => void recent.push(await live.append(...updates)) },
            plan,
          );
          // A few viewers share a transport, so that they meet in cohorts.
          const fanout = new SpyFanout();
          const sub = lastSub++;
          const joined: ReturnType<typeof join>[] = [];
          try {
            for (const { after, place, at, channels } of joins) {
              await sleep(after);
              const cursors = {
                nowhere: [undefined],
                engine: old.slice(0, 4),
                memory: recent,
                head: [live.hub.cursor],
              };
              const choice = cursors[place as keyof typeof cursors];
              joined.push(join(channels, choice[at % choice.length], fanout, sub));
            }
          } finally {
            await flow.stop();
            live.log.holdReads = undefined;
          }
          // Everybody is told of this one, so that the end is known.
          await live.append(...ALL.map(someUpdate));
          await expectAllComplete(joined);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it("[H1] reads the engine only as far as memory does not reach", async () => {
    const before = { ...live.hub.reads };
    const joined = join(["gauges"], old[0]);
    await expectAllComplete([joined]);
    const fromEngine = live.hub.reads.fromEngine - before.fromEngine;
    // 10 MB in 50 entries, of which memory holds the last 8 MB.
    expect(fromEngine).toBeGreaterThan(5);
    expect(fromEngine).toBeLessThan(20);
    expect(live.hub.reads.fromMemory).toBeGreaterThan(before.fromMemory);
  });

  it("[H1][H3] reads the engine once for all who come back from the same place together", async () => {
    const alone = live.log.reads;
    const single = join(["gauges"], old[5]);
    await arrive([single]);
    const needed = live.log.reads - alone;
    const before = live.log.reads;
    const sub = lastSub++;
    const together = Array.from({ length: 20 }, () =>
      join(["meters", "gauges"], old[6], new SpyFanout(), sub),
    );
    await arrive(together);
    expect(live.log.reads - before).toBeLessThan(3 * needed);
    await expectAllComplete([single, ...together]);
  });

  it("[T7] gives nothing that was read for others to who may not read it", async () => {
    const cursor = live.hub.cursor;
    const page = "z".repeat(30_000);
    for (let i = 0; i < 8; i++) await live.append(someUpdate("meters"), { ch: "visits", items: [{ page }] });
    await live.deny("eve", "meters");
    const request = { channels: ["meters", "visits"], cursor };
    const [ada, eve] = [new SpyReceiver(), new SpyReceiver()];
    for (const [viewer, receiver] of [
      ["ada", ada],
      ["eve", eve],
    ] as const) {
      live.hub.attach(new SpyFanout(), receiver, viewer, request);
      await eventually(() => expect(receiver.frames.at(-1)?.to).toBe(live.hub.cursor));
    }
    expect(ada.updates.filter(({ ch }) => ch === "meters")).toHaveLength(8);
    expect(new Set(eve.updates.map(({ ch }) => ch))).toEqual(new Set(["visits"]));
    await live.deny("eve");
  });

  it("[H1] takes no read of the engine at all when memory suffices, and answers in the same turn", async () => {
    const cursor = await live.append(someUpdate("gauges"));
    await live.append(someUpdate("gauges"));
    const { reads } = live.log;
    const joined = join(["gauges"], cursor);
    expect(joined.receiver.frames).toHaveLength(1);
    expect(live.log.reads).toBe(reads);
    joined.attachment.close();
  });

  it("[H1] ends where the cohort was sent last, so that nothing is sent twice", async () => {
    const cursor = live.hub.cursor;
    const fanout = new SpyFanout();
    const sub = lastSub++;
    const member = join(["gauges"], cursor, fanout, sub);
    await sleep(20);
    live.log.heldNotifications = [];
    for (let i = 0; i < 3; i++) await live.append(someUpdate("gauges"));
    live.log.release();
    // The first one has been sent, the others wait for the window to end.
    const sent = member.receiver.frames.at(-1)!.to;
    expect(sent).not.toBe(live.hub.cursor);
    const late = join(["gauges"], cursor, fanout, sub);
    expect(late.receiver.frames).toMatchObject([{ from: cursor, to: sent }]);
    await arrive([member, late]);
    expect(late.receiver.updates).toHaveLength(3);
    expect(late.receiver.frames[1]).toBe(member.receiver.frames.at(-1));
    await expectAllComplete([member, late]);
  });

  it("[F1][H1] tells a viewer that it has all when the rest holds nothing for it, also in a quiet cohort", async () => {
    const fanout = new SpyFanout();
    const sub = lastSub++;
    const cursor = await live.append(someUpdate("meters"));
    const member = join(["meters"], cursor, fanout, sub);
    for (let i = 0; i < 50; i++) await live.append({ ch: "visits", items: [{ page: "x".repeat(200_000) }] });
    await live.append({ ch: "visits", items: [{}, {}, {}] });
    // The parts from the engine end past what the cohort was sent last, so that it adds nothing to them.
    const { fromEngine } = live.hub.reads;
    const late = join(["meters"], cursor, fanout, sub);
    await eventually(() => expect(late.receiver.frames.length).toBeGreaterThan(2));
    await eventually(() => expect(late.receiver.frames.at(-1)).not.toHaveProperty("more"));
    expect(live.hub.reads.fromEngine).toBeGreaterThan(fromEngine);
    const { frames } = late.receiver;
    expect(frames.slice(0, -1).every(({ more }) => more === true)).toBe(true);
    expect(fanout.sends).toEqual([]);
    await live.append(someUpdate("meters"));
    await expectAllComplete([member, late]);
  });

  it("[H1] tells a viewer that the log cannot be read, and lets it go", async () => {
    live.log.failing.read = new CodedError("log_unavailable");
    const joined = join(["gauges"], old[0]);
    await eventually(() => expect(joined.receiver.failure).toMatchObject({ code: "log_unavailable" }));
    live.log.failing.read = undefined;
    const { frames } = joined.receiver;
    await live.append(someUpdate("gauges"));
    expect(frames).toEqual([]);
  });

  it("[H1] does not go on for a viewer that has left", async () => {
    let release = () => {};
    live.log.holdReads = () => new Promise<void>((resolve) => (release = resolve));
    const fanout = new SpyFanout();
    const joined = join(["gauges"], old[0], fanout);
    const { reads } = live.log;
    await eventually(() => release());
    joined.attachment.close();
    live.log.holdReads = undefined;
    release();
    await sleep(20);
    expect(joined.receiver.frames).toEqual([]);
    expect(live.log.reads).toBe(reads);
    // Nor does it leave a cohort behind that nobody is in.
    expect(fanout.groups).toBe(0);
  });

  it("[F2] owes a snapshot until the way back is done, and gives no updates of that channel before it", async () => {
    const cursor = old[0]!;
    const receiver = new SpyReceiver();
    const request = { channels: ["gauges", "meters"], cursor, fresh: ["meters"] };
    const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", request);
    await live.append(someUpdate("meters"));
    await eventually(() => expect(receiver.frames.some(({ snapshot }) => snapshot)).toBe(true));
    const place = receiver.frames.findIndex(({ snapshot }) => snapshot);
    expect(place).toBeGreaterThan(5);
    const before = receiver.frames.slice(0, place + 1).flatMap(({ updates }) => updates!);
    expect(before.filter(({ ch }) => ch === "meters")).toEqual([]);
    expect(receiver.frames[place]!.snapshot).toEqual({ meters: live.hub.state("meters") });
    attachment.close();
  });
});

describe("reading by request", () => {
  it("[T8][H1] comes in parts that follow each other, from the engine and from memory", async () => {
    const viewer = new Viewer(["gauges"]);
    viewer.take({ to: old[1]!, snapshot: { gauges: live.hub.state("gauges")! } });
    let parts = 0;
    while (viewer.cursor !== live.hub.cursor) {
      const from = viewer.cursor!;
      viewer.take(await live.hub.read("ada", { channels: ["gauges"], cursor: from }));
      expect(viewer.cursor).not.toBe(from);
      parts += 1;
    }
    expect(parts).toBeGreaterThan(5);
    const truth = await contentOf(live.log, idOf(old[1]!));
    expect(viewer.applied).toEqual(truth.filter(({ ch }) => ch === "gauges"));
  });

  it("[L5] knows an id that was never given from one that memory has dropped", async () => {
    const [epoch] = old[0]!.split(".");
    const [ms] = idOf(old[0]!).split("-");
    const frame = await live.hub.read("ada", {
      channels: ["gauges"],
      cursor: formatCursor(epoch!, `${ms}-99`),
    });
    expect(frame.from).toBeUndefined();
    expect(frame.snapshot).toEqual({ gauges: live.hub.state("gauges") });
  });
});

describe("a read from the engine that ends at the head", () => {
  const cursorBeforeMemory = async () => {
    const cursor = await live.append(someUpdate("gauges"));
    await live.append(someUpdate("gauges"));
    // Memory now begins at the head.
    live.clock.ahead += 6 * 60_000;
    await live.restart();
    return cursor;
  };

  it("[F1] says that there is more as long as a snapshot is owed", async () => {
    const cursor = await cursorBeforeMemory();
    const request = { channels: ["gauges", "meters"], cursor, fresh: ["meters"] };
    const part = await live.hub.read("ada", request);
    expect(part).toMatchObject({ to: live.hub.cursor, more: true });
    const rest = await live.hub.read("ada", { ...request, cursor: part.to });
    expect(rest).toHaveProperty("snapshot.meters");
    expect(rest).not.toHaveProperty("more");
    const receiver = new SpyReceiver();
    const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", request);
    await eventually(() => expect(receiver.frames).toHaveLength(2));
    attachment.close();
    expect(receiver.frames.map(({ more }) => more)).toEqual([true, undefined]);
  });

  it("[F1] says nothing of more to a request when the rest holds nothing for it", async () => {
    const cursor = await cursorBeforeMemory();
    const held: (() => void)[] = [];
    live.log.holdReads = () => new Promise<void>((resolve) => held.push(resolve));
    const asked = { channels: ["gauges"], cursor };
    const answer = live.hub.read("ada", asked);
    await eventually(() => expect(held).toHaveLength(1));
    live.log.holdReads = undefined;
    // The engine is read before these are there, or after: either way none of them is of this channel.
    for (let i = 0; i < 3; i++) await live.append({ ch: "visits", items: [{ page: "x".repeat(50_000) }] });
    held[0]!();
    const frame = await answer;
    expect(frame.to).not.toBe(live.hub.cursor);
    expect(frame).not.toHaveProperty("more");
    await live.append({ ch: "visits", items: [{}, {}, {}] });
  });
});

describe("a permission that is lost while the engine is read", () => {
  /** Holds a read, takes `meters` away meanwhile, and lets the read go on. */
  async function loseWhileReading(begin: () => unknown): Promise<string> {
    const held: (() => void)[] = [];
    live.log.holdReads = () => new Promise<void>((resolve) => held.push(resolve));
    const { reads } = live.log;
    begin();
    await eventually(() => expect(held).toHaveLength(live.log.reads - reads));
    await live.deny("eve", "meters");
    const secret = idOf(await live.append({ ch: "meters", set: { y: 666 } }));
    live.log.holdReads = undefined;
    for (const release of held) release();
    return secret;
  }

  it("[T7] is lost for what is being read", async () => {
    const cursor = await live.append(someUpdate("gauges"));
    await live.append(someUpdate("gauges"));
    // Memory now begins at the head, and a read from just before it comes to what is appended meanwhile.
    live.clock.ahead += 6 * 60_000;
    await live.restart();
    const receiver = new SpyReceiver();
    const request = { channels: ["gauges", "meters"], cursor };
    let answer: ReturnType<typeof live.hub.read> | undefined;
    const secret = await loseWhileReading(() => {
      live.hub.attach(new SpyFanout(), receiver, "eve", request);
      answer = live.hub.read("eve", request);
    });
    const frame = await answer!;
    expect(frame.denied).toEqual(["meters"]);
    expect(frame.updates!.map(({ ch }) => ch)).toContain("gauges");
    expect(frame.updates!.map(({ id }) => id)).not.toContain(secret);
    const last = await live.append(someUpdate("gauges"));
    await eventually(() => expect(receiver.updates.at(-1)?.id).toBe(idOf(last)));
    expect(receiver.frames.flatMap(({ denied }) => denied ?? [])).toEqual(["meters"]);
    expect(receiver.updates.map(({ id }) => id)).not.toContain(secret);
  });

  it("[T7] is lost for a snapshot in the place of what is gone", async () => {
    const cursor = formatCursor(old[0]!.split(".")[0]!, "1-0");
    await live.deny("eve");
    let answer: ReturnType<typeof live.hub.read> | undefined;
    await loseWhileReading(() => {
      answer = live.hub.read("eve", { channels: ["gauges", "meters"], cursor });
    });
    expect(await answer).toMatchObject({ denied: ["meters"] });
    expect(Object.keys((await answer!).snapshot!)).toEqual(["gauges"]);
  });
});
