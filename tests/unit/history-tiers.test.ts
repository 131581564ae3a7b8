import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseTier, isKept, keptFrom, type Retention, WIDTHS } from "@/lib/server/history/tiers";
import { bucketStart } from "@/lib/shared/buckets";
import { MAX_POINTS } from "@/lib/shared/history";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 1_770_000_000_123;
const RETENTION: Retention = [2 * HOUR, 48 * HOUR, 30 * DAY, 730 * DAY];

const choose = (from: number, to: number, points = 300) => chooseTier({ from, to, points }, RETENTION, NOW);

describe("the tier of a range", () => {
  it.each([
    ["the last 5 minutes", 5 * MINUTE, 0, 1000, 0],
    ["the last 2 hours", 2 * HOUR, 0, 30_000, 10_000],
    ["the last 6 hours", 6 * HOUR, 0, 2 * MINUTE, MINUTE],
    ["the last day", DAY, 0, 5 * MINUTE, MINUTE],
    ["the last 7 days", 7 * DAY, 0, HOUR, HOUR],
    ["the last 30 days", 30 * DAY, 0, 3 * HOUR, HOUR],
    ["two years", 730 * DAY, 0, 7 * DAY, HOUR],
    ["5 minutes of three hours ago", 3 * HOUR, 175 * MINUTE, 10_000, 10_000],
    ["5 minutes of three days ago", 3 * DAY, 3 * DAY - 5 * MINUTE, MINUTE, MINUTE],
    ["an hour of two months ago", 60 * DAY, 60 * DAY - HOUR, HOUR, HOUR],
    ["an hour of ten years ago", 3650 * DAY, 3650 * DAY - HOUR, HOUR, HOUR],
  ])("[A3] for %s", (_, ago, until, step, width) => {
    expect(choose(NOW - ago, NOW - until)).toMatchObject({ step, width });
  });

  it("[A3] covers what was asked for, in whole steps, from buckets that fit into them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 900 * DAY }),
        fc.integer({ min: 1, max: 730 * DAY }),
        fc.integer({ min: 1, max: MAX_POINTS }),
        (ago, span, points) => {
          const asked = { from: NOW - ago, to: NOW - ago + span, points };
          const { from, to, step, width } = chooseTier(asked, RETENTION, NOW);
          expect(from <= asked.from && asked.from - from < step).toBe(true);
          expect(to >= asked.to && to - asked.to < step).toBe(true);
          expect([from % step, to % step]).toEqual([0, 0]);
          expect(width === 0 || (width <= step && step % width === 0)).toBe(true);
          expect((to - from) / step).toBeLessThanOrEqual(Math.max(points, 28) + 1);
          // What is read still has all of it, as far as anything has.
          if (asked.from >= keptFrom(RETENTION, WIDTHS[3], NOW))
            expect(asked.from).toBeGreaterThanOrEqual(keptFrom(RETENTION, width, NOW));
          // No coarser one would do.
          const coarser = WIDTHS.filter((other) => other > width && other <= step && step % other === 0);
          expect(coarser).toEqual([]);
        },
      ),
    );
  });

  it("[A2] keeps a bucket as long as it has something that is kept", () => {
    const edge = keptFrom(RETENTION, MINUTE, NOW);
    const begin = bucketStart(edge, MINUTE);
    expect(begin).toBeLessThan(edge);
    expect(isKept(RETENTION, MINUTE, begin, NOW)).toBe(true);
    expect(isKept(RETENTION, MINUTE, begin - 1, NOW)).toBe(false);
    expect(isKept(RETENTION, 0, NOW - 2 * HOUR, NOW)).toBe(true);
    expect(isKept(RETENTION, 0, NOW - 2 * HOUR - 1, NOW)).toBe(false);
  });
});
