import fc from "fast-check";
import { expect, it } from "vitest";
import { notices } from "@/lib/channels/notices";
import { clean } from "@/lib/server/sources/reading";
import {
  INITIAL,
  MAX_RETRY_MS,
  nextRead,
  type SourceState,
  settle,
  tickAfter,
} from "@/lib/server/sources/source-state";
import { defineChannel } from "@/lib/shared/define-channel";

const pair = defineChannel({
  kind: "record",
  name: "pair",
  title: "Pair",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } },
});
const reading = (a: number, b: number) => ({ reading: clean(pair, { a, b }) });
const item = (title: string) => ({ level: "info", title, text: "" });
const items = (...titles: string[]) => ({ reading: clean(notices, titles.map(item)) });

it("[H2] ticks at multiples of the cadence, so that related cadences meet", () => {
  expect(tickAfter(10_300, 1000)).toBe(11_000);
  expect(tickAfter(11_000, 1000)).toBe(12_000);
  expect(tickAfter(11_999, 2000)).toBe(tickAfter(11_999, 1000));
});

it("backs off from its cadence to half a minute with jitter, and stays on its ticks", () => {
  expect(nextRead(10_300, 1000, 0, 0.9)).toBe(11_000);
  const waits = [1, 2, 3, 4, 5, 6, 60].map((failures) => nextRead(10_000, 1000, failures, 0.999) - 10_000);
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (now, n, random) => {
        const next = nextRead(now, 1000, n, random);
        expect(next % 1000).toBe(0);
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(MAX_RETRY_MS + 1000);
      },
    ),
  );
  expect(nextRead(0, 1000, 6, 0)).toBeLessThan(nextRead(0, 1000, 6, 0.999));
});

it("[S2] grants a longer pause to a server that asks for one, but not for ever", () => {
  expect(nextRead(0, 1000, 1, 0.5, 20_500)).toBe(21_000);
  expect(nextRead(0, 1000, 6, 0.999, 10)).toBe(30_000);
  expect(nextRead(0, 1000, 1, 0.5, 86_400_000)).toBe(301_000);
  expect(nextRead(0, 1000, 0, 0.5, 20_000)).toBe(1000);
});

it("sends the difference to what was published last, and the whole reading after a failed publishing", () => {
  const first = settle(pair, INITIAL, reading(1, 2), 0, []);
  expect(first.update).toEqual({ ch: "pair", set: { a: 1, b: 2 } });
  expect(settle(pair, first.published, reading(1, 3), 0, []).update).toEqual({ ch: "pair", set: { b: 3 } });
  for (const state of [first.unpublished, first.unknown])
    expect(settle(pair, state, reading(1, 3), 0, []).update).toEqual({ ch: "pair", set: { a: 1, b: 3 } });
});

it("[C7] tells a failure once, again when its words change, and at most every 30 s", () => {
  let state: SourceState = INITIAL;
  const told = [];
  for (let now = 0; now <= 65_000; now += 5000) {
    const reason = now < 50_000 ? "refused" : "no answer";
    const settled = settle(pair, state, { failed: reason }, now, []);
    if (settled.update) told.push([now, settled.update.down]);
    state = settled.published;
  }
  expect(told).toEqual([
    [0, "refused"],
    [30_000, "refused"],
    [50_000, "no answer"],
  ]);
  expect(state.failures).toBe(14);
  expect(settle(pair, state, reading(1, 2), 0, []).update).toEqual({ ch: "pair", set: { a: 1, b: 2 } });
});

it("sends the whole reading after a failure, even one that viewers were not told of", () => {
  const before = settle(pair, INITIAL, reading(1, 2), 0, []).published;
  const { published, unpublished, unknown } = settle(pair, before, { failed: "refused" }, 0, []);
  for (const state of [published, unpublished, unknown])
    expect(settle(pair, state, reading(1, 2), 0, []).update).toEqual({ ch: "pair", set: { a: 1, b: 2 } });
});

it("tells a failure again when telling it failed, or when a reading in between may have hidden it", () => {
  const untold = settle(pair, INITIAL, { failed: "refused" }, 0, []).unpublished;
  expect(settle(pair, untold, { failed: "refused" }, 1000, []).update?.down).toBe("refused");
  const told = settle(pair, INITIAL, { failed: "refused" }, 0, []).published;
  const after = settle(pair, told, reading(1, 2), 1000, []);
  expect(settle(pair, after.unpublished, { failed: "refused" }, 2000, []).update).toBeUndefined();
  expect(settle(pair, after.unknown, { failed: "refused" }, 2000, []).update?.down).toBe("refused");
});

it("sends a feed's items again when nothing was stored, never when they may have been, and a bounded number", () => {
  const first = settle(notices, INITIAL, items("1", "2"), 0, []);
  expect(titles(settle(notices, first.unpublished, items("3"), 0, []))).toEqual(["1", "2", "3"]);
  expect(titles(settle(notices, first.published, items("3"), 0, []))).toEqual(["3"]);
  expect(titles(settle(notices, first.unknown, items("3"), 0, []))).toEqual(["3"]);
  const failing = settle(notices, first.unpublished, { failed: "refused" }, 0, []).published;
  expect(titles(settle(notices, failing, items("3"), 0, []))).toEqual(["1", "2", "3"]);
  let state = INITIAL;
  for (let i = 0; i < 100; i += 1) state = settle(notices, state, items(`${i}`), 0, []).unpublished;
  expect(state.unsent.map(({ title }) => title)).toEqual(
    Array.from({ length: notices.keep }, (_, i) => `${80 + i}`),
  );
});

function titles({ update }: ReturnType<typeof settle>) {
  return update?.items?.map(({ title }) => title);
}
