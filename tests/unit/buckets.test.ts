import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketsOf } from "@/lib/client/bucket-series";
import { isAnswered } from "@/lib/client/chart-history";
import { addReading, type Bucket, bucketOf, bucketStart, increaseOf } from "@/lib/shared/buckets";
import { MAX_POINTS, stepFor } from "@/lib/shared/history";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a bucket", () => {
  it("holds what its readings say, in whatever order they come", () => {
    const reading = fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: -1000, max: 1000 }));
    fc.assert(
      fc.property(fc.uniqueArray(reading, { minLength: 1, selector: ([ts]) => ts }), (readings) => {
        let bucket: Bucket | undefined;
        for (const [ts, value] of readings)
          if (bucket) addReading(bucket, ts, value);
          else bucket = bucketOf(ts, value, 10_000);
        const values = readings.map(([, value]) => value);
        const [lastAt, last] = readings.reduce((a, b) => (b[0] > a[0] ? b : a));
        expect(bucket).toEqual({
          at: 0,
          count: values.length,
          sum: values.reduce((a, b) => a + b),
          min: Math.min(...values),
          max: Math.max(...values),
          last,
          lastAt,
        });
      }),
    );
  });

  it("takes the later one of two readings at the same time for the last", () => {
    const bucket = bucketOf(500, 1, 1000);
    addReading(bucket, 500, 2);
    expect(bucket.last).toBe(2);
  });

  it("begins at a multiple of its width, before 1970 too", () => {
    expect(bucketStart(12_345, 1000)).toBe(12_000);
    expect(bucketStart(-1, 1000)).toBe(-1000);
  });
});

describe("a counter's increase", () => {
  it("is the difference, or all of it after a reset, and nothing for the first reading", () => {
    expect(increaseOf(10, 14)).toBe(4);
    expect(increaseOf(10, 3)).toBe(3);
    expect(increaseOf(10, -3)).toBe(0);
    expect(increaseOf(undefined, 7)).toBe(0);
  });
});

describe("the width of buckets", () => {
  it("is the narrowest readable one that covers the span", () => {
    expect([MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR].map((span) => stepFor(span, 500))).toEqual([
      250, 1000, 2000, 10_000,
    ]);
    expect([6 * HOUR, DAY, 7 * DAY, 30 * DAY, 730 * DAY].map((span) => stepFor(span, 500))).toEqual([
      MINUTE,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      2 * DAY,
    ]);
  });

  it("is not narrower than what is stored", () => {
    expect(stepFor(MINUTE, 500, 10_000)).toBe(10_000);
  });

  it("covers every span up to two years with the most points, and is a multiple of what is stored", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 730 * DAY }),
        fc.integer({ min: 30, max: MAX_POINTS }),
        fc.constantFrom(0, 10_000, MINUTE, HOUR),
        (span, points, stored) => {
          const step = stepFor(span, points, stored);
          expect(step * points).toBeGreaterThanOrEqual(span);
          if (stored > 0) expect(step % stored).toBe(0);
        },
      ),
    );
  });
});

describe("the buckets of an answer", () => {
  const HOUR = 3_600_000;
  const metric = { count: [3, 2], min: [1, 1], avg: [2, 2], max: [3, 3], last: [2, 3] };
  const range = { from: 0, step: HOUR, until: 5 * HOUR };

  it("[A4] know when the newest reading was, so that a silence does not begin anew with each answer", () => {
    const last = (lastAt?: number) => bucketsOf({ ...metric, lastAt }, range).map((bucket) => bucket.lastAt);
    expect(last(HOUR + 600_000)).toEqual([HOUR - 1, HOUR + 600_000]);
    // An older server does not tell: then it is taken to have been at the end.
    expect(last()).toEqual([HOUR - 1, 2 * HOUR - 1]);
  });

  it("[A1] hold a reading or not: what came too late for the answer, what came after it, what is of a clock ahead", () => {
    const count = [1, 0, 1, 1, 1, 2, 0, 1, 0];
    const values = count.map((n) => (n > 0 ? 1 : null));
    const answer = {
      ...{ channel: "host", from: 0, to: 9000, step: 1000, tier: 0, until: 5500, outages: [] },
      metrics: { cpu: { count, min: values, avg: values, max: values, last: values } },
    };
    const answered = (ts: number, metric = "cpu") => isAnswered(answer, metric, ts);
    expect([500, 5400, 5500].map((ts) => answered(ts))).toEqual([true, true, true]);
    // Late: its bucket was empty when the answer was made. Of before the answer nothing is known here.
    expect([answered(1500), answered(-500)]).toEqual([false, true]);
    // Later than all that the answer knows, whatever its bucket had by then.
    expect([answered(5501), answered(5900), answered(6500), answered(20_000)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    // Of a clock that was ahead: only such a reading can be in a bucket that begins after all that is known.
    expect([answered(7000), answered(7200), answered(8200)]).toEqual([true, true, false]);
    expect(answered(500, "load")).toBe(false);
  });
});
