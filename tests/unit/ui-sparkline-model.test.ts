import { describe, expect, it } from "vitest";
import { drawnPoints, extremes, readingAt, SPARK_MS } from "@/components/cards/sparkline-model";
import type { Point } from "@/lib/shared/protocol";

const NOW = 1_000_000;
const SPAN = { from: NOW - SPARK_MS, to: NOW };
const every = (from: number, to: number, step: number): Point[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => [from + i * step, i]);

describe("drawnPoints", () => {
  it("break the line in every silence", () => {
    const points: Point[] = [
      [NOW - 60_000, 1],
      [NOW - 59_000, 2],
      [NOW - 40_000, 3],
    ];
    expect(drawnPoints(points, 5000, SPAN).map(([, value]) => value)).toEqual([1, 2, null, 3]);
  });

  it("keep one point before the window, so that the line enters from the edge", () => {
    const points = every(SPAN.from - 10_000, NOW, 1000);
    expect(drawnPoints(points, 5000, SPAN)[0]![0]).toBe(SPAN.from - 1000);
    expect(drawnPoints(points, 5000, SPAN)).toHaveLength(302);
  });

  it("leave out a point before the window from which no line enters, but not the last one known", () => {
    const points: Point[] = [
      [SPAN.from - 60_000, 9],
      [NOW - 1000, 1],
    ];
    expect(drawnPoints(points, 5000, SPAN)).toEqual([[NOW - 1000, 1]]);
    expect(drawnPoints(points.slice(0, 1), 5000, SPAN)).toEqual([[SPAN.from - 60_000, 9]]);
  });
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
