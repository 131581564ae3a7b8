import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentSeries, SERIES_MS } from "@/lib/server/hub/recent-series";
import type { Point } from "@/lib/shared/protocol";
import { insertPoint, pointsOf } from "@/lib/shared/series";
import { apply, emptyState, type RecordState, type Update } from "@/lib/shared/state";
import { gauges } from "../support/live-channels";

/** The state after an update, and the points that it adds. */
function told(state: RecordState, update: Omit<Update, "ch">) {
  const next = apply(state, { ch: "gauges", ...update }) as RecordState;
  return { state: next, points: pointsOf({ ch: "gauges", ...update }, next) };
}
const { state: two } = told(emptyState(gauges) as RecordState, { id: "100-0", set: { a: 1, b: 2 } });

describe("the points of an update", () => {
  it("[L6] include metrics that kept their value, as the reading is known to be true of them", () => {
    const expected = [
      ["a", [200, 5]],
      ["b", [200, 2]],
    ];
    expect(told(two, { id: "200-0", set: { a: 5 } }).points).toEqual(expected);
    expect(told(two, { id: "200-0", set: {} }).points).toEqual([
      ["a", [200, 1]],
      ["b", [200, 2]],
    ]);
  });

  it("[L6] of a late reading lie at its source time, with its own value and of its own metrics alone", () => {
    expect(told(two, { id: "200-0", ts: 50, set: { a: 9 } }).points).toEqual([["a", [50, 9]]]);
  });

  it("[L6] are none when the source is down or the update is of another kind", () => {
    expect(told(two, { id: "200-0", down: "no answer" }).points).toEqual([]);
    expect(pointsOf({ id: "200-0", ch: "gauges", items: [{}] }, two)).toEqual([]);
  });

  it("[L6] lie at the commit time when the clock stepped back", () => {
    expect(told(two, { id: "100-1", at: 40, set: { a: 3 } }).points[0]).toEqual(["a", [40, 3]]);
  });
});

describe("a series", () => {
  const point = fc.tuple(fc.nat(20), fc.nat(99)) as fc.Arbitrary<Point>;

  it("[L6] is ordered by source time, with the last word of each instant, in whatever order points come", () => {
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const series: Point[] = [];
        for (const each of points) insertPoint(series, each);
        expect(series).toEqual([...new Map(points)].sort(([a], [b]) => a - b));
      }),
    );
  });

  it("[R1] reaches back five minutes, and its memory is bounded", () => {
    const series = new RecentSeries();
    const read = () => series.read(["gauges"]).gauges!.a!;
    const state = { ...two, values: { a: 1 } };
    for (let second = 0; second <= 3600; second++)
      series.add({ id: `${second * 1000}-0`, ch: "gauges", set: {} }, state);
    expect(read().at(-1)![0]).toBe(3_600_000);
    expect(read()[0]![0]).toBeLessThanOrEqual(3_600_000 - SERIES_MS);
    expect(read().length).toBeLessThan(400);
    for (let i = 0; i < 10_000; i++) series.add({ id: `${3_600_000 + i}-0`, ch: "gauges", set: {} }, state);
    expect(read().length).toBeLessThanOrEqual(2000);
    expect(series.read(["other"])).toEqual({});
  });

  it("[R2] that was read does not change when the next point comes", () => {
    const series = new RecentSeries();
    series.add({ id: "1-0", ch: "gauges", set: { a: 1 } }, { ...two, values: { a: 1 } });
    const before = series.read(["gauges"]);
    series.add({ id: "2-0", ch: "gauges", set: { a: 2 } }, { ...two, values: { a: 2 } });
    expect(before).toEqual({ gauges: { a: [[1, 1]] } });
  });
});
