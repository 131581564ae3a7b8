import { describe, expect, it } from "vitest";
import { beginGap, endGap, type Gap, LEDGER_SIZE, noteFrame } from "@/lib/client/gap-ledger";
import { addLatency, type Latencies, medianLatency } from "@/lib/client/latency";
import {
  createServerClock,
  forget,
  look,
  sample,
  sampleDate,
  serverNow,
  stamp,
} from "@/lib/client/server-clock";

describe("the server's clock", () => {
  const start = createServerClock({ wall: 5_000_000, mono: 100 });

  it("[C7] is unknown before the first frame that carries it, and then independent of this browser's", () => {
    expect(serverNow(start, 100)).toBeUndefined();
    const clock = sample(start, 9_000_000, { wall: 5_000_010, mono: 110 });
    expect(serverNow(clock, 160)).toBe(9_000_050);
  });

  it("[C7] believes the frame that travelled fastest", () => {
    const slow = sample(start, 9_000_000, { wall: 5_000_000, mono: 100 });
    const fast = sample(slow, 9_010_400, { wall: 5_010_000, mono: 10_100 });
    const slower = sample(fast, 9_019_000, { wall: 5_020_000, mono: 20_100 });
    expect(serverNow(slower, 20_100)).toBe(9_020_400);
  });

  it("[C7] follows a server whose clock was set back", () => {
    let clock = sample(start, 9_000_000, { wall: 5_000_000, mono: 100 });
    for (let i = 1; i <= 6; i += 1)
      clock = sample(clock, 8_000_000 + i * 10_000, { wall: 5_000_000 + i * 10_000, mono: 100 + i * 10_000 });
    expect(serverNow(clock, 60_100)).toBe(8_060_000);
  });

  it("[C7] is unknown after a sleep in which the monotonic clock stood still, until the next frame", () => {
    const clock = sample(start, 9_000_000, { wall: 5_000_000, mono: 100 });
    expect(look(clock, { wall: 5_001_000, mono: 1100 })).toBe(clock);
    const woken = look(clock, { wall: 5_600_000, mono: 1100 });
    expect(serverNow(woken, 1100)).toBeUndefined();
    expect(stamp(woken, { wall: 5_600_000, mono: 1100 })).toBe(9_600_000);
    expect(serverNow(sample(woken, 9_600_005, { wall: 5_600_005, mono: 1105 }), 1105)).toBe(9_600_005);
  });

  it("[C7] is known to half a second by the date of an answer that carries no more, until a frame tells it", () => {
    const at = (mono: number) => ({ wall: 5_000_000 + mono, mono });
    // The server's clock is 9_000_000 ahead of the monotonic one, and dates are in whole seconds.
    const dated = (clock: typeof start, mono: number) =>
      sampleDate(clock, Math.floor((9_000_000 + mono) / 1000) * 1000, at(mono));
    let clock = dated(start, 900);
    for (const mono of [6100, 12_950, 18_000, 24_999]) {
      const before = serverNow(clock, mono)!;
      clock = dated(clock, mono);
      // It never goes back, and makes no data look younger by more than half a second.
      expect(serverNow(clock, mono)).toBeGreaterThanOrEqual(before);
      expect(serverNow(clock, mono)! - 9_000_000 - mono).toBeGreaterThanOrEqual(-500);
      expect(serverNow(clock, mono)! - 9_000_000 - mono).toBeLessThanOrEqual(500);
    }
    expect(stamp(clock, at(25_000))).toBe(serverNow(clock, 25_000));
    const exact = sample(clock, 9_030_000, at(30_000));
    expect(serverNow(exact, 30_000)).toBe(9_030_000);
    // A proxy in between may put its own date there.
    expect(dated(exact, 40_900)).toBe(exact);
    for (const lost of [forget(clock), look(clock, { wall: 6_000_000, mono: 25_000 })])
      expect(serverNow(lost, 25_000)).toBeUndefined();
  });

  it("[C7] can be told to forget, and labels go on by the last guess", () => {
    const clock = forget(sample(start, 9_000_000, { wall: 5_000_000, mono: 100 }));
    expect(serverNow(clock, 200)).toBeUndefined();
    expect(stamp(clock, { wall: 5_000_100, mono: 200 })).toBe(9_000_100);
    expect(stamp(start, { wall: 5_000_100, mono: 200 })).toBe(5_000_100);
  });
});

describe("the gap ledger", () => {
  const gap = { from: 10, why: "offline", transport: "socket" } as const;
  const quiet = { committed: [], whole: false, replacesLog: false, now: 6000 };

  it("[C8] notes from when to when, why, on which rung, what was missed and how it healed", () => {
    const open = beginGap([], gap);
    expect(open).toEqual([{ ...gap, missed: 0 }]);
    const healed = endGap(noteFrame(open, { ...quiet, committed: [11, 12, 13] }), 5000);
    expect(healed).toEqual([{ ...gap, to: 5000, missed: 3, healed: "replay" }]);
  });

  it("[C8] says so when a snapshot healed it", () => {
    const healed = noteFrame(beginGap([], gap), { ...quiet, whole: true });
    expect(endGap(healed, 20)[0]).toMatchObject({ healed: "snapshot" });
  });

  it("[C8] counts the later parts of a long way back to the gap, and what is new not", () => {
    const healed = endGap(noteFrame(beginGap([], gap), { ...quiet, committed: [11] }), 5000);
    expect(noteFrame(healed, { ...quiet, committed: [12, 13, 4500, 5001] })[0]).toMatchObject({ missed: 3 });
    expect(noteFrame(healed, { ...quiet, committed: [5001] })).toBe(healed);
  });

  it("[C8] a log that was replaced under a live connection is an interruption of its own", () => {
    const ledger = noteFrame([], { ...quiet, whole: true, replacesLog: true, transport: "sse" });
    expect(ledger).toEqual([
      { from: 6000, to: 6000, why: "new-log", transport: "sse", missed: 0, healed: "snapshot" },
    ]);
  });

  it("[C8] a log that was replaced during an interruption is told beside it", () => {
    const ledger = noteFrame(beginGap([], gap), { ...quiet, whole: true, replacesLog: true });
    expect(ledger).toMatchObject([
      { from: 6000, to: 6000, why: "new-log", healed: "snapshot" },
      { from: 10, why: "offline", healed: "snapshot" },
    ]);
    expect(endGap(ledger, 6000)[1]).toMatchObject({ to: 6000 });
    const full = Array.from({ length: LEDGER_SIZE }, () => ledger[0]!);
    expect(noteFrame(beginGap(full, gap), { ...quiet, whole: true, replacesLog: true }).length).toBe(
      LEDGER_SIZE,
    );
  });

  it("[C8] an interruption that lasts goes on under its first reason", () => {
    const open = beginGap([], gap);
    expect(beginGap(open, { from: 15, why: "closed", transport: "sse" })).toBe(open);
    expect(endGap([], 20)).toEqual([]);
    expect(noteFrame([], { ...quiet, committed: [1], whole: true })).toEqual([]);
  });

  it("[C8] is bounded and keeps the newest", () => {
    let ledger: readonly Gap[] = [];
    for (let i = 0; i < 200; i += 1) ledger = endGap(beginGap(ledger, { ...gap, from: i }), i + 1);
    expect(ledger.length).toBe(LEDGER_SIZE);
    expect(ledger.at(-1)?.from).toBe(199);
    expect(ledger[0]?.from).toBe(150);
  });
});

describe("the latency", () => {
  it("[C7] is the median of the last minute, and bounded", () => {
    let latencies: Latencies = [];
    expect(medianLatency(latencies, 0)).toBeUndefined();
    for (const [at, ms] of [
      [0, 900],
      [50_000, 10],
      [60_000, 30],
      [70_000, 20],
    ] as const)
      latencies = addLatency(latencies, at, ms);
    expect(medianLatency(latencies, 70_001)).toBe(20);
    expect(medianLatency(latencies, 200_000)).toBeUndefined();
    for (let i = 0; i < 1000; i += 1) latencies = addLatency(latencies, i, -5);
    expect(latencies.length).toBe(120);
    expect(medianLatency(latencies, 1000)).toBe(0);
  });
});
