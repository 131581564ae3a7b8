import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import type { Frame } from "@/lib/shared/protocol";
import type { RecordState } from "@/lib/shared/state";
import { someUpdate } from "../support/live-flow";
import { type LiveHub, SpyFanout, SpyReceiver, startHub } from "../support/live-hub";
import { contentOf, idOf } from "../support/live-log";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

let live: LiveHub;
beforeAll(async () => {
  live = await startHub();
});
afterAll(() => live.close());
// A flush that is due from the test before would count in the next one.
beforeEach(() => sleep(20));

function watch(fanout: SpyFanout, channels = ["gauges"], sub?: number, viewer = "ada") {
  const receiver = new SpyReceiver();
  const attachment = live.hub.attach(fanout, receiver, viewer, { channels, sub });
  return { receiver, attachment };
}

describe("a flush", () => {
  it("[H2] builds a frame once for all subscribers of a transport with the same channels and number", async () => {
    const [fanout, other] = [new SpyFanout("socket"), new SpyFanout("sse")];
    const same = Array.from({ length: 50 }, () => watch(fanout, ["gauges", "meters"]));
    // The order in which channels are named makes no other cohort; another set, number or transport does.
    same.push(watch(fanout, ["meters", "gauges"]));
    const others = [watch(fanout, ["gauges"]), watch(fanout, ["gauges", "meters"], 7), watch(other)];
    expect([fanout.groups, other.groups]).toEqual([3, 1]);
    await live.append(someUpdate("gauges"), someUpdate("meters"));
    expect(fanout.sends.map(({ members }) => members).sort((a, b) => a - b)).toEqual([1, 1, 51]);
    expect(other.sends).toHaveLength(1);
    const built = new Set<Frame>(same.map(({ receiver }) => receiver.frames.at(-1)!));
    expect(built.size).toBe(1);
    expect([...built][0]!.updates).toHaveLength(2);
    for (const { attachment } of [...same, ...others]) attachment.close();
  });

  it("[H2] costs nothing for updates that nobody reads", async () => {
    const fanout = new SpyFanout();
    const { receiver, attachment } = watch(fanout);
    await live.append(someUpdate("meters"), someUpdate("visits"));
    await sleep(20);
    expect(fanout.sends).toEqual([]);
    expect(receiver.frames).toHaveLength(1);
    attachment.close();
  });

  it("[H2] happens at once when it was quiet, and joins what is committed within 16 ms after", async () => {
    const fanout = new SpyFanout();
    const { receiver, attachment } = watch(fanout);
    live.log.heldNotifications = [];
    for (let i = 0; i < 4; i++) await live.append(someUpdate("gauges"));
    await sleep(20);
    expect(fanout.sends).toEqual([]);
    live.log.release();
    // All four were told in one turn: the first has been sent in it, the others share the next frame.
    expect(receiver.updates).toHaveLength(1);
    await eventually(() => expect(receiver.updates).toHaveLength(4));
    expect(fanout.sends.map(({ frame }) => frame.updates!.length)).toEqual([1, 3]);
    expect(fanout.sends[1]!.frame.from).toBe(fanout.sends[0]!.frame.to);
    attachment.close();
  });

  it("[L3][H2] has delivered before the producer has its answer, when it was quiet", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    const cursor = await live.append(someUpdate("gauges"));
    expect(receiver.frames.at(-1)!.to).toBe(cursor);
    attachment.close();
  });

  it("[F1] cuts what is more than 64 kB into frames that follow each other", async () => {
    const fanout = new SpyFanout();
    const { receiver, attachment } = watch(fanout, ["visits"]);
    const viewer = new Viewer(["visits"]);
    await live.append(
      ...Array.from({ length: 40 }, () => ({ ch: "visits", items: [{ page: "p".repeat(8000) }] })),
    );
    for (const frame of receiver.frames) viewer.take(frame);
    expect(viewer.applied).toHaveLength(40);
    const sizes = fanout.sends.map(({ frame }) => JSON.stringify(frame.updates).length);
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...sizes)).toBeLessThan(66_000);
    attachment.close();
  });

  it("[H2] forgets a cohort when its last member leaves, and begins a new one at the head", async () => {
    const fanout = new SpyFanout();
    const [first, second] = [watch(fanout), watch(fanout)];
    first.attachment.close();
    await live.append(someUpdate("gauges"));
    expect(fanout.sends.map(({ members }) => members)).toEqual([1]);
    second.attachment.close();
    await live.append(someUpdate("gauges"));
    expect(fanout.sends).toHaveLength(1);
    const third = watch(fanout);
    expect(third.receiver.frames[0]!.to).toBe(live.hub.cursor);
    expect(fanout.groups).toBe(2);
    expect(live.hub.viewers().socket).toBe(1);
    third.attachment.close();
    expect(live.hub.viewers().socket).toBe(0);
  });
});

describe("a subscriber that does not keep up", () => {
  it("[H3] is passed over without costing the others, gets no beats, and is complete after it has room", async () => {
    const fanout = new SpyFanout();
    const [slow, fast] = [watch(fanout, ["gauges"]), watch(fanout, ["gauges"])];
    const viewer = new Viewer(["gauges"]);
    slow.receiver.isReady = false;
    for (let i = 0; i < 10; i++) await live.append(someUpdate("gauges"));
    await eventually(() => expect(fast.receiver.updates).toHaveLength(10));
    expect(slow.receiver.frames).toHaveLength(1);
    expect(fanout.sends.every(({ members }) => members === 1)).toBe(true);
    live.clock.ahead += 10_000;
    await eventually(() => expect(fast.receiver.frames.at(-1)!.now).toBeGreaterThan(Date.now() + 5000));
    live.clock.ahead = 0;
    expect(slow.receiver.frames).toHaveLength(1);

    // It says that there is room although there is none: nothing happens.
    slow.attachment.resume();
    await sleep(20);
    expect(slow.receiver.frames).toHaveLength(1);
    slow.receiver.isReady = true;
    slow.attachment.resume();
    await live.append(someUpdate("gauges"));
    await eventually(() => expect(slow.receiver.updates).toHaveLength(11));
    for (const frame of slow.receiver.frames) viewer.take(frame);
    expect(viewer.applied).toEqual(fast.receiver.updates);
    slow.attachment.close();
    fast.attachment.close();
  });

  it("[H3] stops in the middle of its way back and goes on from there", async () => {
    const cursor = live.hub.cursor;
    const page = "p".repeat(20_000);
    for (let i = 0; i < 20; i++) await live.append({ ch: "visits", items: [{ page }] });
    const receiver = new SpyReceiver();
    const send = receiver.send.bind(receiver);
    // Room for three frames at a time.
    let room = 3;
    receiver.send = (frame, bytes) => {
      send(frame, bytes);
      room -= 1;
      receiver.isReady = room > 0;
    };
    const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", { channels: ["visits"], cursor });
    await eventually(() => expect(receiver.isReady).toBe(false));
    await sleep(30);
    expect(receiver.frames).toHaveLength(3);
    await live.append({ ch: "visits", items: [{ page: "last" }] });
    while (receiver.updates.length < 21) {
      room = 3;
      receiver.isReady = true;
      attachment.resume();
      await eventually(() => expect(!receiver.isReady || receiver.updates.length === 21).toBe(true));
    }
    const viewer = new Viewer(["visits"]);
    viewer.take({ to: cursor, snapshot: { visits: live.hub.state("visits")! } });
    for (const frame of receiver.frames) viewer.take(frame);
    expect(viewer.applied).toEqual(
      (await contentOf(live.log, idOf(cursor))).filter(({ ch }) => ch === "visits"),
    );
    attachment.close();
  });

  it("[H3] leaves nothing behind when it leaves while it is passed over", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    receiver.isReady = false;
    await live.append(someUpdate("gauges"));
    attachment.close();
    receiver.isReady = true;
    attachment.resume();
    await live.append(someUpdate("gauges"));
    await sleep(20);
    expect(receiver.frames).toHaveLength(1);
    expect(live.hub.viewers().socket).toBe(0);
  });

  it("[T7] that is passed over when it loses a channel gets none of it later, and is told", async () => {
    const { receiver, attachment } = watch(new SpyFanout(), ["gauges", "meters"], undefined, "bob");
    receiver.isReady = false;
    const [before, , after] = [
      await live.append({ ch: "meters", set: { x: 1 } }),
      await live.deny("bob", "meters"),
      await live.append({ ch: "meters", set: { x: 2 } }, { ch: "gauges", set: { a: 1 } }),
    ];
    receiver.isReady = true;
    attachment.resume();
    await eventually(() => expect(receiver.frames.at(-1)!.to).toBe(after));
    expect(receiver.frames.some(({ denied }) => denied?.includes("meters"))).toBe(true);
    expect(receiver.updates.filter(({ ch }) => ch === "meters").map(({ id }) => id)).not.toContain(
      idOf(after),
    );
    expect(idOf(before)).not.toBe(idOf(after));
    expect(receiver.updates.at(-1)).toMatchObject({ ch: "gauges", set: { a: 1 } });
    attachment.close();
  });
});

describe("permission", () => {
  it("[T7] is each viewer's own: others of the cohort go on undisturbed", async () => {
    const fanout = new SpyFanout();
    const [ada, eve] = [
      watch(fanout, ["gauges", "meters"], undefined, "ada"),
      watch(fanout, ["gauges", "meters"], undefined, "eve"),
    ];
    await live.append(someUpdate("meters"));
    await live.deny("eve", "meters");
    const secret = await live.append(someUpdate("meters"), someUpdate("gauges"));
    await eventually(() => expect(ada.receiver.frames.at(-1)!.to).toBe(secret));
    await eventually(() => expect(eve.receiver.frames.at(-1)!.to).toBe(secret));
    expect(ada.receiver.updates.map(({ ch }) => ch)).toEqual(["meters", "meters", "gauges"]);
    expect(eve.receiver.updates.map(({ ch }) => ch)).toEqual(["meters", "gauges"]);
    expect(ada.receiver.frames.every(({ denied }) => denied === undefined)).toBe(true);
    ada.attachment.close();
    eve.attachment.close();
    await live.deny("eve");
  });

  it("[T7] that was lost before is checked for pages, snapshots and resumed cursors alike", async () => {
    const cursor = live.hub.cursor;
    await live.deny("eve", "meters");
    await live.append(someUpdate("meters"));
    const page = live.hub.page("eve", ["gauges", "meters"]);
    expect(page.frame.denied).toEqual(["meters"]);
    expect(Object.keys(page.frame.snapshot)).toEqual(["gauges"]);
    expect(page.series).not.toHaveProperty("meters");
    const frame = await live.hub.read("eve", { channels: ["meters"], cursor });
    expect(frame).toMatchObject({ updates: [], denied: ["meters"] });
    expect(
      live.hub.hasNews("eve", { channels: ["meters"], cursor: live.hub.cursor, fresh: ["meters"] }),
    ).toBe(false);
    await live.deny("eve");
    expect(
      live.hub.hasNews("eve", { channels: ["meters"], cursor: live.hub.cursor, fresh: ["meters"] }),
    ).toBe(true);
  });
});

describe("the way from the log", () => {
  it("[H5] delivers nothing of an append that failed", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    const head = live.hub.cursor;
    live.log.failing.append = new CodedError("storage_full");
    await expect(live.append(someUpdate("gauges"))).rejects.toMatchObject({ code: "storage_full" });
    live.log.failing.append = undefined;
    await sleep(20);
    expect(receiver.frames).toHaveLength(1);
    expect(live.hub.cursor).toBe(head);
    attachment.close();
  });

  it("[H5] reads what a notification skipped before it goes on, also when reading fails at first", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    const before = live.hub.cursor;
    live.log.dropNotifications = true;
    for (let i = 0; i < 3; i++) await live.append(someUpdate("gauges"));
    live.log.dropNotifications = false;
    live.log.failing.read = new CodedError("log_unavailable");
    live.reports.length = 0;
    await live.append(someUpdate("gauges"));
    await live.append(someUpdate("gauges"));
    await eventually(() => expect(live.reports.length).toBeGreaterThan(0));
    expect(receiver.updates).toEqual([]);
    live.log.failing.read = undefined;
    const truth = await contentOf(live.log, idOf(before));
    await eventually(() => expect(receiver.updates).toEqual(truth));
    expect(truth).toHaveLength(5);
    attachment.close();
  });

  it("[H5] fills a hole while commits go on, without losing or doubling one", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    const before = live.hub.cursor;
    for (let round = 0; round < 10; round++) {
      live.log.dropNotifications = true;
      await live.append(someUpdate("gauges"));
      live.log.dropNotifications = false;
      await Promise.all(Array.from({ length: 5 }, () => live.append(someUpdate("gauges"))));
      live.log.holdReads = round % 2 ? () => sleep(5) : undefined;
    }
    live.log.holdReads = undefined;
    const last = await live.append(someUpdate("gauges"));
    await eventually(() => expect(receiver.frames.at(-1)!.to).toBe(last));
    expect(receiver.updates).toEqual(await contentOf(live.log, idOf(before)));
    attachment.close();
  });

  it("[H5] notices that the last notification was lost, although none comes after it", async () => {
    const { receiver, attachment } = watch(new SpyFanout());
    live.log.dropNotifications = true;
    const last = await live.append(someUpdate("gauges"));
    live.log.dropNotifications = false;
    await eventually(() => expect(receiver.frames.at(-1)!.to).toBe(last));
    expect(receiver.updates).toHaveLength(1);
    attachment.close();
  });
});

describe("a start", () => {
  it.each([
    ["with a checkpoint", false],
    ["without one, as after a kill", true],
  ])("[H5][L6] %s has the same state, and lets viewers read on from their cursors", async (_, lost) => {
    await live.append(...["gauges", "stock", "visits"].map(someUpdate));
    const cursor = await live.append(someUpdate("gauges"));
    await live.append(...["gauges", "stock", "visits", "meters", "visits"].map(someUpdate));
    const channels = ["gauges", "meters", "stock", "visits"];
    const states = channels.map((channel) => live.hub.state(channel));
    const [head, truth] = [live.hub.cursor, await contentOf(live.log, idOf(cursor))];
    live.log.loseCheckpoints = lost;
    await live.restart();
    expect(live.hub.cursor).toBe(head);
    expect(JSON.stringify(channels.map((channel) => live.hub.state(channel)))).toBe(JSON.stringify(states));

    const receiver = new SpyReceiver();
    const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", { channels, cursor });
    await eventually(() => expect(receiver.updates).toEqual(truth));
    expect(receiver.frames[0]).toMatchObject({ from: cursor });
    const next = await live.append(someUpdate("gauges"));
    await eventually(() => expect(receiver.frames.at(-1)).toMatchObject({ from: head, to: next }));
    attachment.close();
  });

  it("[L5] says gone to a cursor that lies before what the log keeps, never a silent gap", async () => {
    const old = await live.append(someUpdate("gauges"));
    await live.append(someUpdate("gauges"));
    // The hub trims when its clock says so: the log keeps 15 minutes.
    live.clock.ahead += 20 * 60_000;
    const kept = await live.append(someUpdate("gauges"));
    await eventually(async () => expect(await live.log.read(idOf(old), 1)).toEqual({ status: "gone" }));
    await live.append(someUpdate("gauges"));
    await live.restart();
    for (const cursor of [old, old.replace(/\.\d+-\d+$/, ".0-0")]) {
      const frame = await live.hub.read("ada", { channels: ["gauges"], cursor });
      expect(frame).not.toHaveProperty("from");
      expect(frame).toMatchObject({ to: live.hub.cursor, snapshot: { gauges: live.hub.state("gauges") } });
      const receiver = new SpyReceiver();
      const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", { channels: ["gauges"], cursor });
      await eventually(() => expect(receiver.frames).toHaveLength(1));
      expect(receiver.frames[0]).toEqual({ ...frame, now: expect.any(Number) });
      attachment.close();
    }
    // One that is kept still is read on from.
    expect(await live.hub.read("ada", { channels: ["gauges"], cursor: kept })).toMatchObject({ from: kept });
    live.clock.ahead = 0;
  });

  it("[R2] gives a page all its numbers at one cursor, from which a connection goes on", async () => {
    const { frame, series } = live.hub.page("ada", ["gauges", "visits"]);
    expect(frame.to).toBe(live.hub.cursor);
    expect(frame.snapshot).toEqual({ gauges: live.hub.state("gauges"), visits: live.hub.state("visits") });
    expect(series.gauges!.a!.at(-1)![1]).toBe((frame.snapshot.gauges as RecordState).values.a);
    const between = await live.append(someUpdate("gauges"), someUpdate("visits"));
    const receiver = new SpyReceiver();
    const request = { channels: ["gauges", "visits"], cursor: frame.to };
    const attachment = live.hub.attach(new SpyFanout(), receiver, "ada", request);
    expect(receiver.frames[0]).toMatchObject({ from: frame.to, to: between });
    expect(receiver.updates).toHaveLength(2);
    attachment.close();
  });
});
