import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bandPath,
  bucketAt,
  bucketExtremes,
  hasBand,
  linePoints,
  pathOf,
  scaleFor,
  shownValue,
  silenceLimit,
  silences,
  spread,
  xOf,
  yOf,
} from "@/components/charts/chart-model";
import { commonSilences } from "@/components/charts/common-silences";
import { type Bucket, bucketOf } from "@/lib/shared/buckets";
import type { Outage } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";

const NOW = 1_000_000;
const SPAN = { from: NOW - 300_000, to: NOW };
const STEP = 500;
const SCALE = { min: 0, max: 4, step: 1, ticks: [] };
/** One reading in each of the buckets. */
const at = (...times: number[]): Bucket[] => times.map((ts, i) => bucketOf(ts, i, STEP));
const every = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const mean = shownValue({});

describe("the silences of all lines", () => {
  const LIMIT = 5000;
  const span = { from: 0, to: 100_000 };
  const together = (lines: readonly number[][], outages: Outage[] = []) =>
    commonSilences(
      lines.map((times) => ({ buckets: at(...times), limit: LIMIT })),
      span,
      span.to,
      outages,
    );
  const until = (to: number) => every(0, to, 1000);

  it("[A4] are the times in which none has data, and why where one knows it", () => {
    const first = [...until(10_000), ...every(30_000, 50_000, 1000)];
    const second = [...until(12_000), ...every(20_000, 22_000, 1000), ...every(60_000, 70_000, 1000)];
    expect(together([first, second])).toEqual([
      { from: 12_000, to: 20_000 },
      { from: 22_000, to: 30_000 },
      { from: 50_000, to: 60_000 },
      { from: 70_000, to: null },
    ]);
    const out = { from: 13_000, to: 20_000 };
    expect(together([first, second], [out])[0]).toEqual({ from: 12_000, to: 20_000, why: "outage" });
    expect(together([first])).toEqual(silences(at(...first), LIMIT, span, span.to));
  });

  it("[A4] are not hidden by a line that has no data yet, or none at all", () => {
    const old = until(10_000);
    expect(together([old, []])).toEqual([{ from: 10_000, to: null }]);
    expect(together([[], old])).toEqual([{ from: 10_000, to: null }]);
    expect(together([every(40_000, 100_000, 1000), old])).toEqual([{ from: 10_000, to: 40_000 }]);
    // Before the first reading of all there is nothing to miss, but for an outage.
    const late = every(40_000, 100_000, 1000);
    expect(together([late, every(60_000, 100_000, 1000)])).toEqual([]);
    const out = { from: 5000, to: 15_000 };
    expect(together([late, []], [out])).toEqual([{ ...out, why: "outage" }]);
    expect(together([[], []], [out])).toEqual([{ ...out, why: "outage" }]);
    expect(together([[], []])).toEqual([]);
    expect(together([])).toEqual([]);
  });

  it("[A4] hold the time of an outage that is shorter than a silence", () => {
    const out = { from: 50_100, to: 50_900 };
    const whole = every(0, 100_000, 1000);
    expect(together([whole, whole], [out])).toEqual([{ ...out, why: "outage" }]);
    expect(together([whole, every(60_000, 100_000, 1000)], [out])).toEqual([{ ...out, why: "outage" }]);
  });
});

describe("silences", () => {
  it("are longer than the promise and than three beats of the channel", () => {
    expect(silenceLimit({ maxAge: 5000, cadence: 1000 })).toBe(5000);
    expect(silenceLimit({ maxAge: 2000, cadence: 1000 })).toBe(3000);
  });

  it("[A4] lie between two readings, and after the last one while it lasts", () => {
    const buckets = at(
      ...every(NOW - 60_000, NOW - 50_000, 1000),
      ...every(NOW - 30_000, NOW - 10_000, 1000),
    );
    expect(silences(buckets, 5000, SPAN, NOW)).toEqual([
      { from: NOW - 50_000, to: NOW - 30_000 },
      { from: NOW - 10_000, to: null },
    ]);
    expect(silences(buckets, 25_000, SPAN, NOW)).toEqual([]);
  });

  it("begin with the last reading, not with the end of its wide bucket", () => {
    const buckets = [bucketOf(10_000, 1, 60_000), bucketOf(60_000, 1, 60_000)];
    expect(silences(buckets, 5000, { from: 0, to: 90_000 }, 62_000)).toEqual([{ from: 10_000, to: 60_000 }]);
  });

  it("leave out what has slid away, and what lies after now", () => {
    const buckets = at(SPAN.from - 90_000, SPAN.from - 10_000, SPAN.from - 1);
    expect(silences(buckets, 5000, SPAN, SPAN.from + 1000)).toEqual([]);
    expect(silences([], 5000, SPAN, NOW)).toEqual([]);
    expect(silences(at(NOW - 1000), 5000, { from: NOW - 60_000, to: NOW + 60_000 }, NOW)).toEqual([]);
  });

  it("of a range that is over end with it", () => {
    const span = { from: NOW - 200_000, to: NOW - 100_000 };
    expect(silences(at(NOW - 150_000), 5000, span, NOW)).toEqual([{ from: NOW - 150_000, to: span.to }]);
    // What came after it is not known here, and need not have come late.
    expect(silences(at(span.to - 1000), 5000, span, NOW)).toEqual([]);
  });

  it("[A4] say when nobody recorded, before the first reading too", () => {
    const outage = { from: NOW - 80_000, to: NOW - 41_000 };
    const early = { from: NOW - 999_999, to: NOW - 200_000 };
    const buckets = at(NOW - 180_000, NOW - 179_000, NOW - 82_000, NOW - 40_000, NOW);
    expect(silences(buckets, 50_000, SPAN, NOW, [early, outage])).toEqual([
      { from: SPAN.from, to: NOW - 200_000, why: "outage" },
      { from: NOW - 179_000, to: NOW - 82_000 },
      // Shorter than a silence, but nobody recorded.
      { ...outage, why: "outage" },
    ]);
    expect(silences(buckets, 41_000, SPAN, NOW, [outage])[1]).toEqual({
      from: NOW - 82_000,
      to: NOW - 40_000,
      why: "outage",
    });
  });
});

describe("the points of a line", () => {
  it("[A4] break it in every silence", () => {
    const points = linePoints(at(NOW - 60_000, NOW - 59_000, NOW - 40_000), STEP, 5000, NOW, mean);
    expect(points.map(([, value]) => value)).toEqual([0, 1, null, 2]);
    expect(pathOf(points, SCALE, SPAN, 100, 100).match(/M/g)).toHaveLength(2);
  });

  it("[A4] break it where nobody recorded, however wide its buckets and however short that was", () => {
    const buckets = [bucketOf(0, 1, 60_000), bucketOf(60_000, 2, 60_000), bucketOf(120_000, 3, 60_000)].map(
      (bucket) => ({ ...bucket, lastAt: bucket.at + 59_999 }),
    );
    const span = { from: 0, to: 180_000 };
    const outage = { from: 70_000, to: 100_000 };
    const drawn = (outages: { from: number; to: number }[]) =>
      linePoints(buckets, 60_000, 100_000, NOW, mean, outages).map(([, value]) => value);
    expect(drawn([])).toEqual([1, 2, 3]);
    expect(drawn([{ from: 95_000, to: 140_000 }])).toEqual([1, 2, null, 3]);
    expect(silences(buckets, 100_000, span, 180_000, [outage])).toEqual([{ ...outage, why: "outage" }]);
  });

  it("lie in the middle of their buckets, but never after now", () => {
    expect(linePoints([bucketOf(0, 1, 60_000)], 60_000, 5000, 10_000, mean)).toEqual([[10_000, 1]]);
    expect(linePoints([bucketOf(0, 1, 60_000)], 60_000, 5000, NOW, mean)).toEqual([[30_000, 1]]);
  });

  it("show a counter's last value, and the average of anything else", () => {
    const bucket = { ...bucketOf(0, 1, 1000), count: 4, sum: 10, last: 7, max: 8 };
    expect(shownValue({ type: "counter" })(bucket)).toBe(7);
    expect(
      [shownValue({ type: "gauge" }), shownValue({ type: "rate" }), mean].map((of) => of(bucket)),
    ).toEqual([2.5, 2.5, 2.5]);
    expect([hasBand([bucket]), hasBand(at(0, 1000))]).toEqual([true, false]);
    expect(bucketExtremes([bucket], {})).toEqual({ min: 1, max: 8 });
    expect(bucketExtremes([bucket], { type: "counter" })).toEqual({ min: 7, max: 7 });
    expect(bucketExtremes([], {})).toBeUndefined();
  });

  it("[A4] never join two readings across a silence, whatever the times", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: STEP, max: 20_000 }), { maxLength: 60 }), (steps) => {
        let ts = NOW - 200_000;
        const times = steps.map((step) => {
          ts += step;
          return ts;
        });
        const buckets = at(
          ...times.filter((time, i) => i === 0 || Math.floor(time / STEP) > Math.floor(times[i - 1]! / STEP)),
        );
        const points = linePoints(buckets, STEP, 5000, Number.POSITIVE_INFINITY, mean);
        const quiet = silences(buckets, 5000, { from: 0, to: 2 * NOW }, ts);
        for (const [i, [time, value]] of points.entries()) {
          const next = points[i + 1];
          if (value !== null && next && next[1] !== null)
            expect(next[0] - time).toBeLessThanOrEqual(5000 + 2 * STEP);
        }
        expect(points.filter(([, value]) => value === null)).toHaveLength(quiet.length);
        expect(points.filter(([, value]) => value !== null)).toHaveLength(buckets.length);
      }),
    );
  });

  it("leave no area between the lowest and the highest where the line breaks", () => {
    const low: Point[] = [
      [SPAN.from, 0],
      [SPAN.from + 1000, 1],
      [SPAN.from + 1001, null],
      [NOW, 2],
    ];
    const high = low.map(([ts, value]): Point => [ts, value === null ? null : value + 1]);
    const path = bandPath(low, high, SCALE, SPAN, 100, 100);
    expect(path.match(/Z/g)).toHaveLength(2);
    expect(path.match(/M/g)).toHaveLength(2);
  });
});

describe("scaleFor", () => {
  it("starts at zero where zero means something, and only there", () => {
    expect(scaleFor([40, 90], { min: 0 })).toEqual({ min: 0, max: 100, step: 50, ticks: [0, 50, 100] });
    expect(scaleFor([1010, 1040], {}).min).toBe(1010);
  });

  it("reads a share against the whole unless that would flatten the line", () => {
    expect(scaleFor([30], { min: 0, max: 100 }).max).toBe(100);
    expect(scaleFor([2], { min: 0, max: 100 }).max).toBeLessThan(5);
  });

  it("has round steps, contains every value, and never divides by nothing", () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), fc.boolean(), (values, zero) => {
        const scale = scaleFor(values, zero ? { min: 0 } : {});
        expect(scale.max).toBeGreaterThan(scale.min);
        expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
        expect(scale.ticks.length).toBeLessThanOrEqual(6);
        const slack = (scale.max - scale.min) * 1e-6;
        for (const v of values) {
          expect(v).toBeGreaterThanOrEqual(scale.min - slack);
          expect(v).toBeLessThanOrEqual(scale.max + slack);
        }
      }),
    );
  });
});

it("xOf and yOf place the newest at the right and the largest at the top", () => {
  expect([xOf(NOW, SPAN), xOf(SPAN.from, SPAN)]).toEqual([1, 0]);
  expect([
    yOf(10, { min: 0, max: 10, step: 1, ticks: [] }),
    yOf(0, { min: 0, max: 10, step: 1, ticks: [] }),
  ]).toEqual([0, 1]);
});

it("bucketAt gives the bucket at a time or the last one before it, but none inside a silence", () => {
  const buckets = [bucketOf(1000, 1, STEP), bucketOf(2100, 2, STEP)];
  const found = [500, 1000, 1999, 2000, 2100, 7100, 7101].map((ts) => bucketAt(buckets, ts, 5000)?.last);
  expect(found).toEqual([undefined, 1, 1, 2, 2, 2, undefined]);
});

it("spread moves labels apart, keeps their order and stays inside", () => {
  expect(spread([0.5, 0.5, 0.5], 0.1).map((y) => Number(y.toFixed(2)))).toEqual([0.5, 0.6, 0.7]);
  expect(spread([1, 1], 0.1)).toEqual([0.9, 1]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 7 }), (wishes) => {
      const sorted = spread(wishes, 0.1).sort((a, b) => a - b);
      for (const [i, y] of sorted.entries()) {
        expect(y).toBeGreaterThanOrEqual(-1e-9);
        expect(y).toBeLessThanOrEqual(1);
        if (i > 0) expect(y - sorted[i - 1]!).toBeGreaterThanOrEqual(0.1 - 1e-9);
      }
    }),
  );
});
