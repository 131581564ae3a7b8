import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  drawnPoints,
  extremes,
  pathOf,
  readingAt,
  scaleFor,
  silenceLimit,
  silences,
  spread,
  WINDOW_MS,
  xOf,
  yOf,
} from "@/components/charts/chart-model";
import type { Point } from "@/lib/shared/protocol";

const NOW = 1_000_000;
const every = (from: number, to: number, step: number): Point[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => [from + i * step, i]);

describe("silences", () => {
  it("are longer than the promise and than three beats of the channel", () => {
    expect(silenceLimit({ maxAge: 5000, cadence: 1000 })).toBe(5000);
    expect(silenceLimit({ maxAge: 2000, cadence: 1000 })).toBe(3000);
  });

  it("lie between two readings, and after the last one while it lasts", () => {
    const points: Point[] = [
      ...every(NOW - 60_000, NOW - 50_000, 1000),
      ...every(NOW - 30_000, NOW - 10_000, 1000),
    ];
    expect(silences(points, 5000, NOW)).toEqual([
      { from: NOW - 50_000, to: NOW - 30_000 },
      { from: NOW - 10_000, to: null },
    ]);
    expect(silences(points, 25_000, NOW)).toEqual([]);
  });

  it("count a reading without a value as none, and leave out what has slid away", () => {
    const points: Point[] = [
      [NOW - 2 * WINDOW_MS, 1],
      [NOW - WINDOW_MS - 1, 1],
      [NOW - WINDOW_MS + 4000, 1],
      [NOW - WINDOW_MS + 7000, null],
      [NOW - WINDOW_MS + 10_000, 1],
    ];
    expect(silences(points, 5000, NOW - WINDOW_MS + 11_000)).toHaveLength(2);
    expect(silences(points.slice(0, 2), 5000, NOW)).toEqual([{ from: NOW - WINDOW_MS - 1, to: null }]);
    expect(silences([], 5000, NOW)).toEqual([]);
  });
});

describe("drawnPoints", () => {
  it("break the line in every silence", () => {
    const points: Point[] = [
      [NOW - 60_000, 1],
      [NOW - 59_000, 2],
      [NOW - 40_000, 3],
    ];
    const drawn = drawnPoints(points, 5000, NOW);
    expect(drawn.map(([, value]) => value)).toEqual([1, 2, null, 3]);
    expect(pathOf(drawn, { min: 0, max: 4, step: 1, ticks: [] }, NOW, 100, 100).match(/M/g)).toHaveLength(2);
  });

  it("keep one point before the window, so that the line enters from the edge", () => {
    const points = every(NOW - WINDOW_MS - 10_000, NOW, 1000);
    expect(drawnPoints(points, 5000, NOW)[0]![0]).toBe(NOW - WINDOW_MS - 1000);
    expect(drawnPoints(points, 5000, NOW)).toHaveLength(302);
  });

  it("leave out a point before the window from which no line enters, but not the last one known", () => {
    const points: Point[] = [
      [NOW - WINDOW_MS - 60_000, 9],
      [NOW - 1000, 1],
    ];
    expect(drawnPoints(points, 5000, NOW)).toEqual([[NOW - 1000, 1]]);
    expect(drawnPoints(points.slice(0, 1), 5000, NOW)).toEqual([[NOW - WINDOW_MS - 60_000, 9]]);
  });

  it("never join two readings across a silence, whatever the times", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 60 }), (steps) => {
        let ts = NOW - 200_000;
        const points = steps
          .map((step): Point => {
            ts += step;
            return [ts, 1];
          })
          .filter(([at]) => at <= NOW);
        const drawn = drawnPoints(points, 5000, NOW);
        for (const [i, [at, value]] of drawn.entries()) {
          const next = drawn[i + 1];
          if (value !== null && next && next[1] !== null) expect(next[0] - at).toBeLessThanOrEqual(5000);
        }
        expect(drawn.filter(([, value]) => value !== null)).toEqual(points);
      }),
    );
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
  expect([xOf(NOW, NOW), xOf(NOW - WINDOW_MS, NOW)]).toEqual([1, 0]);
  expect([
    yOf(10, { min: 0, max: 10, step: 1, ticks: [] }),
    yOf(0, { min: 0, max: 10, step: 1, ticks: [] }),
  ]).toEqual([0, 1]);
});

it("readingAt gives the last reading at or before a time, but none inside a silence", () => {
  const points: Point[] = [
    [1000, 1],
    [2000, 2],
    [20_000, null],
  ];
  expect([500, 1000, 1999, 2000, 7000, 7001, 20_500].map((ts) => readingAt(points, ts, 5000))).toEqual([
    null,
    1,
    1,
    2,
    2,
    null,
    null,
  ]);
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

it("extremes ignores what has no value", () => {
  expect(
    extremes([
      [1, 4],
      [2, null],
      [3, -2],
    ]),
  ).toEqual({ min: -2, max: 4 });
  expect(extremes([[1, null]])).toBeUndefined();
});
