import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFrame } from "@/lib/client/frame-guard";
import {
  adopt,
  NOTHING_READ,
  type Reading,
  receive,
  resubscribe,
  subscription,
  subscriptionNumber,
} from "@/lib/client/frame-reducer";
import { compareIds } from "@/lib/shared/cursor";
import { type Frame, frameSchema } from "@/lib/shared/protocol";
import { apply, type ChannelState, type RecordState, type Update } from "@/lib/shared/state";

const state = (x: number | null = null): RecordState => ({
  kind: "record",
  asOf: x,
  values: { x },
  ts: { x: 1 },
});
const update = (ms: number, ch: string): Update => ({ id: `${ms}-0`, ch, set: { x: ms } });

/** A reading of channels `a` and `b` of log `e1`, at 10 and 20. */
const AT_10_AND_20: Reading = {
  ...resubscribe(NOTHING_READ, ["b", "a"]),
  epoch: "e1",
  cursors: { a: "10-0", b: "20-0" },
};
const { sub } = AT_10_AND_20;
const frame = (from: number | undefined, to: number, rest: Partial<Frame> = {}, epoch = "e1"): Frame => ({
  ...(from !== undefined && { from: `${epoch}.${from}-0`, updates: [] }),
  to: `${epoch}.${to}-0`,
  sub,
  ...rest,
});

function applied(reading: Reading, one: Frame) {
  const received = receive(reading, one);
  if (received.outcome !== "applied") throw new Error(`the frame was ${received.outcome}`);
  return received;
}

describe("a frame of updates", () => {
  it("[F3] applies an update only past its own channel's cursor, and moves all channels to `to`", () => {
    const updates = [update(11, "a"), update(15, "b"), update(21, "b"), update(25, "a")];
    const received = applied(AT_10_AND_20, frame(10, 25, { updates }));
    expect(received.updates.map(({ id }) => id)).toEqual(["11-0", "21-0", "25-0"]);
    expect(received.reading.cursors).toEqual({ a: "25-0", b: "25-0" });
  });

  it("[F3] ignores a frame that ends at or before every cursor", () => {
    const reading = { ...AT_10_AND_20, cursors: { a: "20-0", b: "20-0" } };
    expect(receive(reading, frame(5, 20, { updates: [update(9, "a")] })).outcome).toBe("duplicate");
    expect(receive(reading, frame(20, 20)).outcome).toBe("duplicate");
  });

  it("[F3] never moves a cursor back", () => {
    const received = applied(AT_10_AND_20, frame(10, 15, { updates: [update(12, "a"), update(13, "b")] }));
    expect(received.updates.map(({ id }) => id)).toEqual(["12-0"]);
    expect(received.reading.cursors).toEqual({ a: "15-0", b: "20-0" });
  });

  it("[F3] notices a lost frame by one that begins past a cursor, beats included", () => {
    expect(receive(AT_10_AND_20, frame(11, 30, { updates: [update(25, "a")] })).outcome).toBe("gap");
    expect(receive(AT_10_AND_20, frame(21, 21, { now: 1 })).outcome).toBe("gap");
  });

  it("[F3] notices a lost answer by a first frame that begins elsewhere than was asked", () => {
    for (const asked of ["e1.10-0", "e1.12-0", undefined])
      expect(receive(AT_10_AND_20, frame(10, 30), asked).outcome).toBe(
        asked === "e1.12-0" ? "gap" : "applied",
      );
  });

  it("[F4] an empty frame moves a quiet subscription on", () => {
    const received = applied(AT_10_AND_20, frame(10, 99, { now: 1 }));
    expect(received.reading.cursors).toEqual({ a: "99-0", b: "99-0" });
  });

  it("[F3] ignores frames of another subscription", () => {
    expect(receive(AT_10_AND_20, frame(10, 30, { sub: sub + 1 })).outcome).toBe("foreign");
    expect(receive(AT_10_AND_20, { ...frame(10, 30), sub: undefined }).outcome).toBe("foreign");
  });

  it("[F2] a fresh channel has no say about gaps, and begins with its snapshot", () => {
    const reading = resubscribe(AT_10_AND_20, ["a", "b", "c"]);
    expect(subscription(reading)).toEqual({
      channels: ["a", "b", "c"],
      cursor: "e1.10-0",
      fresh: ["c"],
      sub: reading.sub,
    });
    const updates = [update(26, "c"), update(27, "a")];
    const early = applied(reading, frame(10, 27, { updates, sub: reading.sub }));
    expect(early.updates.map(({ ch }) => ch)).toEqual(["a"]);
    const late = applied(reading, frame(10, 30, { snapshot: { c: state(5) }, sub: reading.sub }));
    expect(late.snapshot).toEqual({ c: state(5) });
    expect(late.reading.cursors).toEqual({ a: "30-0", b: "30-0", c: "30-0" });
  });

  it("[T7] a refused channel holds nobody up, and is read again as soon as it is permitted", () => {
    const reading = resubscribe(AT_10_AND_20, ["a", "b", "c"]);
    const first = applied(reading, frame(10, 30, { denied: ["b", "c"], sub: reading.sub }));
    expect(first.reading.cursors).toEqual({ a: "30-0" });
    expect(subscription(first.reading)).toEqual({
      channels: ["a", "b", "c"],
      cursor: "e1.30-0",
      // The server gives nothing of them while they are denied.
      fresh: ["b", "c"],
      sub: reading.sub,
    });
    expect(receive(first.reading, frame(30, 31, { sub: reading.sub })).outcome).toBe("applied");
  });
});

describe("a whole snapshot", () => {
  it("[F2] replaces what is older, and leaves what is newer", () => {
    const received = applied(
      AT_10_AND_20,
      frame(undefined, 15, { snapshot: { a: state(15), b: state(15) } }),
    );
    expect(received.snapshot).toEqual({ a: state(15) });
    expect(received.reading.cursors).toEqual({ a: "15-0", b: "20-0" });
    expect(received.whole).toBe(true);
  });

  it("[F2] forgets the cursors of channels that it does not name, so they open no gap", () => {
    const received = applied(AT_10_AND_20, frame(undefined, 30, { snapshot: { a: state(30) } }));
    expect(received.reading.cursors).toEqual({ a: "30-0" });
    expect(receive(received.reading, frame(30, 31)).outcome).toBe("applied");
  });

  it("[L5] a new log is adopted through a snapshot only, and the old one is never returned to", () => {
    expect(receive(AT_10_AND_20, frame(10, 30, {}, "e2")).outcome).toBe("gap");
    const snapshot = { a: state(1), b: state(1) };
    const { reading, newLog } = applied(AT_10_AND_20, frame(undefined, 3, { snapshot }, "e2"));
    expect(newLog).toBe(true);
    expect(reading).toMatchObject({ epoch: "e2", left: ["e1"], cursors: { a: "3-0", b: "3-0" } });
    expect(receive(reading, frame(20, 40)).outcome).toBe("left");
    expect(receive(reading, frame(undefined, 40, { snapshot })).outcome).toBe("left");
    const third = applied(reading, frame(undefined, 9, { snapshot }, "e3")).reading;
    expect(receive(third, frame(undefined, 50, { snapshot }, "e2")).outcome).toBe("left");
  });

  describe("that ends before the cursor it was asked with", () => {
    const snapshot = { a: state(5), b: state(5) };
    const elsewhere = { ...AT_10_AND_20, cursors: { ...AT_10_AND_20.cursors, c: "7-0" } };
    const received = receive(elsewhere, frame(undefined, 5, { snapshot, now: 100 }), "e1.10-0");
    const restored = received.outcome === "applied" ? received.reading : elsewhere;

    it("[L4] shows that the log went back, so that nothing of what was read stays", () => {
      expect(received).toMatchObject({ outcome: "applied", snapshot, whole: true, newLog: true });
      expect(restored.cursors).toEqual({ a: "5-0", b: "5-0" });
      expect(restored).toMatchObject({ epoch: "e1", left: [] });
    });

    it("[L4] makes another subscription, so that frames of the lost entries are not taken for new ones", () => {
      expect(restored.sub).not.toBe(sub);
      expect(receive(restored, frame(5, 30, { updates: [update(12, "a")] })).outcome).toBe("foreign");
      expect(receive(restored, frame(undefined, 30, { snapshot })).outcome).toBe("foreign");
      const next = { ...frame(5, 30, { updates: [update(25, "a")] }), sub: restored.sub };
      expect(applied(restored, next).updates.map(({ id }) => id)).toEqual(["25-0"]);
      expect(resubscribe(restored, ["a"]).sub).not.toBe(resubscribe(AT_10_AND_20, ["a"]).sub);
    });

    it("[L4] is noticed again each time", () => {
      const again = { ...frame(undefined, 2, { snapshot, now: 200 }), sub: restored.sub };
      const twice = receive(restored, again, "e1.5-0");
      expect(twice).toMatchObject({ outcome: "applied", newLog: true, reading: { cursors: { a: "2-0" } } });
    });

    it("[L4][R3] makes pages of the lost entries worthless, and not those that come after it", () => {
      const page = (now: number) => ({ to: "e1.19-0", snapshot: { a: state(19) }, now }) satisfies Frame;
      expect(adopt(restored, page(100), 0)).toMatchObject({ accepted: false, reading: restored });
      expect(adopt(restored, page(101), 100).reading.cursors).toMatchObject({ a: "19-0" });
    });
  });

  it("[R3] that is older shows nothing when it was asked for with an older cursor, with none, or in another log", () => {
    const reading = { ...AT_10_AND_20, cursors: { a: "20-0", b: "20-0" } };
    const old = frame(undefined, 15, { snapshot: { a: state(15), b: state(15) } });
    for (const asked of ["e1.12-0", "e1.15-0", undefined, "e0.20-0"])
      expect(receive(reading, old, asked).outcome).toBe("duplicate");
  });

  it("[L5] that reaches as far as the cursor it was asked with only replaces what could not be read on", () => {
    const whole = frame(undefined, 30, { snapshot: { a: state(30), b: state(30) } });
    const received = receive(AT_10_AND_20, whole, "e1.10-0");
    expect(received).toMatchObject({ outcome: "applied", newLog: false, reading: { sub } });
  });

  it("[L5] a cursor of the log that was left is not sent to the new one", () => {
    const reading = resubscribe(AT_10_AND_20, ["a"]);
    const snapshot = { a: state(1) };
    const moved = applied(reading, { ...frame(undefined, 3, { snapshot }, "e2"), sub: reading.sub }).reading;
    expect(subscription(resubscribe(moved, ["a", "b"]))).toMatchObject({ cursor: "e2.3-0", fresh: ["b"] });
  });
});

describe("a page's snapshot", () => {
  const page = (ms: number, now: number, epoch = "e1") =>
    ({ to: `${epoch}.${ms}-0`, snapshot: { a: state(ms), c: state(ms) }, now }) satisfies Frame;

  it("[R3] is adopted per channel, and only where it is newer", () => {
    const adopted = adopt({ ...AT_10_AND_20, cursors: { a: "20-0", b: "20-0" } }, page(15, 100), 0);
    expect(adopted.snapshot).toEqual({ c: state(15) });
    expect(adopted.reading.cursors).toEqual({ a: "20-0", b: "20-0", c: "15-0" });
    expect(adopt(AT_10_AND_20, page(15, 100), 0).reading.cursors).toEqual({
      a: "15-0",
      b: "20-0",
      c: "15-0",
    });
  });

  it("[R3] is the start of a client that knows nothing", () => {
    const adopted = adopt(NOTHING_READ, page(15, 100), Number.NEGATIVE_INFINITY);
    expect(adopted).toMatchObject({ newEpoch: false, accepted: true });
    expect(adopted.reading).toMatchObject({ epoch: "e1", left: [], cursors: { a: "15-0", c: "15-0" } });
  });

  it("[L4] that is the newest thing seen, and yet lies before what was read, is not adopted: the log may have gone back", () => {
    expect(adopt(AT_10_AND_20, page(15, 2000), 500).accepted).toBe(false);
    // It may have been on its way while frames came.
    expect(adopt(AT_10_AND_20, page(15, 1400), 500).accepted).toBe(true);
    expect(adopt(AT_10_AND_20, page(20, 2000), 500).accepted).toBe(true);
  });

  it("[R3] of another log is adopted only when it is the newest thing seen", () => {
    expect(adopt(AT_10_AND_20, page(15, 100, "e2"), 100).accepted).toBe(false);
    const adopted = adopt(AT_10_AND_20, page(15, 101, "e2"), 100);
    expect(adopted).toMatchObject({ accepted: true, newEpoch: true });
    expect(adopted.reading).toMatchObject({ epoch: "e2", left: ["e1"], cursors: { a: "15-0", c: "15-0" } });
    expect(adopted.reading.cursors.b).toBeUndefined();
  });

  it("[L5] of a log that was left is never adopted, however new it looks", () => {
    const reading = { ...AT_10_AND_20, left: ["e0"] };
    expect(adopt(reading, page(99, 10 ** 15, "e0"), 100)).toMatchObject({ accepted: false, reading });
  });
});

describe("the subscription's number", () => {
  it("[F3] depends on the set of channels alone and is a safe integer", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), { maxLength: 8 }),
        (channels) => {
          const one = resubscribe(NOTHING_READ, channels);
          const other = resubscribe(NOTHING_READ, [...channels].reverse());
          expect(one.sub).toBe(channels.length === 0 ? 0 : subscriptionNumber(one.channels));
          expect(other.sub).toBe(one.sub);
          expect(Number.isSafeInteger(one.sub) && one.sub >= 0).toBe(true);
        },
      ),
    );
    expect(resubscribe(NOTHING_READ, ["a"]).sub).not.toBe(resubscribe(NOTHING_READ, ["b"]).sub);
  });
});

/** A log, its honest frames, and a network that loses, doubles, delays and overlaps them. */
describe("any network", () => {
  const log = Array.from({ length: 40 }, (_, i) => update(i + 1, i % 3 === 0 ? "b" : "a"));
  const truth = (channel: string, to: string): ChannelState =>
    log
      .filter(({ ch, id }) => ch === channel && compareIds(id, to) <= 0)
      .reduce(apply, state() as ChannelState);

  it("[F3] what is shown is always the log's prefix up to the cursor: nothing lost, nothing twice", () => {
    const sent = fc.record({
      from: fc.integer({ min: 0, max: 39 }),
      length: fc.integer({ min: 0, max: 12 }),
      whole: fc.boolean(),
      other: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (frames) => {
        let reading: Reading = { ...AT_10_AND_20, cursors: { a: "0-0", b: "0-0" } };
        const states: Record<string, ChannelState> = { a: state(), b: state() };
        let appliedIds: string[] = [];
        for (const { from, length, whole, other } of frames) {
          const to = Math.min(40, from + length);
          const snapshot = { a: truth("a", `${to}-0`), b: truth("b", `${to}-0`) };
          const updates = log.slice(from, to);
          const one =
            whole && other === 0 ? frame(undefined, to, { snapshot }) : frame(from, to, { updates });
          const received = receive(reading, one);
          if (received.outcome !== "applied") continue;
          reading = received.reading;
          Object.assign(states, received.snapshot);
          for (const applying of received.updates)
            states[applying.ch] = apply(states[applying.ch]!, applying);
          appliedIds = [...appliedIds, ...received.updates.map(({ id }) => id)];
          for (const channel of ["a", "b"])
            expect(states[channel]).toEqual(truth(channel, reading.cursors[channel]!));
        }
        expect(new Set(appliedIds).size).toBe(appliedIds.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the guard", () => {
  it("[F1] takes every valid frame, and nothing that could break the client", () => {
    const good = [
      frame(1, 2, { updates: [update(2, "a")], now: 3 }),
      frame(1, 2, { updates: [], more: true }),
      frame(undefined, 2, { snapshot: { a: state(1) }, denied: ["b"], log: { delayedSince: 4 } }),
    ];
    for (const one of good) {
      expect(frameSchema.safeParse(one).success).toBe(true);
      expect(isFrame(one)).toBe(true);
    }
    const bad = [
      null,
      "<html>",
      {},
      [],
      { to: 1 },
      { to: "e.1-0", updates: [null] },
      { to: "e.1-0", updates: [{ id: 1, ch: "a" }] },
      { to: "e.1-0", updates: {} },
      { to: "e.1-0", snapshot: { a: { kind: "record" } } },
      { to: "e.1-0", snapshot: { a: { kind: "new" } } },
      { to: "e.1-0", now: "noon" },
      { to: "e.1-0", more: "yes" },
      { to: "e.1-0", log: true },
    ];
    for (const one of bad) expect(isFrame(one), JSON.stringify(one)).toBe(false);
    expect(receive(AT_10_AND_20, { to: "nonsense", sub }).outcome).toBe("malformed");
    expect(receive(AT_10_AND_20, { from: "nonsense", to: "e1.1-0", sub }).outcome).toBe("malformed");
  });
});
