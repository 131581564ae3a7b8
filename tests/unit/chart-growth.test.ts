import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BucketSeries, bucketsOf } from "@/lib/client/bucket-series";
import { ChartData } from "@/lib/client/chart-data";
import type { History } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import { parseRange } from "@/lib/shared/time-range";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const growth = (series: BucketSeries) => series.read().map(({ increase }) => increase);
const sum = (numbers: readonly (number | undefined)[]) =>
  numbers.reduce<number>((total, number) => total + (number ?? 0), 0);

describe("a counter's growth", () => {
  it("goes from each reading to the next, into the bucket of the later one", () => {
    const series = new BucketSeries(1000, [], { before: { ts: 0, value: 4 } });
    for (const point of [
      [100, 5],
      [900, 7],
      [1500, 12],
      [3100, 12],
    ] as Point[])
      series.add(point);
    expect(growth(series)).toEqual([3, 5, 0]);
  });

  it("begins at the first reading when nothing is known before it", () => {
    const series = new BucketSeries(1000, [], {});
    series.add([100, 500]);
    series.add([1100, 502]);
    expect(growth(series)).toEqual([0, 2]);
  });

  it("after a reset starts at zero", () => {
    const series = new BucketSeries(1000, [], { before: { ts: 0, value: 90 } });
    for (const point of [
      [100, 95],
      [1100, 3],
      [1200, 4],
    ] as Point[])
      series.add(point);
    expect(growth(series)).toEqual([5, 4]);
  });

  it("is not counted twice when a reading comes late", () => {
    const series = new BucketSeries(1000, [], { before: { ts: 0, value: 0 } });
    for (const point of [
      [500, 10],
      [3500, 40],
      [1500, 20],
      [4500, 45],
    ] as Point[])
      series.add(point);
    expect(growth(series)).toEqual([10, 0, 30, 5]);
  });

  it("of other metrics is not there", () => {
    const series = new BucketSeries(1000);
    series.add([100, 5]);
    expect(series.read()[0]).not.toHaveProperty("increase");
  });

  it("adds up to what the counter grew, whatever the readings and buckets", () => {
    const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 5000 }), by: fc.nat(50) }));
    fc.assert(
      fc.property(steps, fc.constantFrom(500, 1000, 10_000), (readings, step) => {
        const series = new BucketSeries(step, [], { before: { ts: 0, value: 0 } });
        let [ts, value] = [0, 0];
        for (const { ms, by } of readings) {
          ts += ms;
          value += by;
          series.add([ts, value]);
        }
        expect(sum(growth(series))).toBe(value);
      }),
    );
  });
});

describe("at the seam between archive and readings", () => {
  /** A reading each second from 0 on that counts on by `i`, in an archive that has those up to `until`. */
  const points = (from: number, to: number): Point[] =>
    Array.from({ length: (to - from) / 1000 + 1 }, (_, i) => [from + i * 1000, (from + i * 1000) / 1000]);
  const start = Math.floor((NOW - 10 * MINUTE) / MINUTE) * MINUTE;

  function history(until: number): History {
    const step = 10_000;
    const length = Math.ceil((NOW - start) / step);
    const of = (i: number) =>
      points(start, until).filter(([ts]) => ts >= start + i * step && ts < start + (i + 1) * step);
    const list = <T>(value: (readings: Point[]) => T) =>
      Array.from({ length }, (_, i) => {
        const readings = of(i);
        return readings.length === 0 ? null : value(readings);
      });
    const values = (readings: Point[]) => readings.map(([, value]) => value!);
    return {
      ...{ channel: "shop", from: start, to: start + length * step, step, tier: step, until, outages: [] },
      metrics: {
        orders: {
          count: list((readings) => readings.length).map((count) => count ?? 0),
          min: list((readings) => Math.min(...values(readings))),
          avg: list((readings) => values(readings).reduce((a, b) => a + b) / readings.length),
          max: list((readings) => Math.max(...values(readings))),
          last: list((readings) => values(readings).at(-1)!),
          increase: list((readings) => readings.length),
        },
      },
    };
  }

  it("nothing is lost and nothing doubled, wherever the archive ends within a bucket", () => {
    for (const behind of [0, 1000, 4000, 9000, 10_000, 17_000, 60_000]) {
      const until = start + 9 * MINUTE - behind;
      const data = new ChartData({
        metrics: [{ channel: "shop", metric: "orders", type: "counter" }],
        range: parseRange(new URLSearchParams("window=5m")),
        grain: { points: 60, lead: 5 * MINUTE },
        now: NOW,
        series: () => points(start + 7 * MINUTE, start + 9 * MINUTE + 30_000),
        initial: [history(until)],
      });
      const buckets = data.picture().lines[0]!;
      // One each second: ten in every whole bucket, whichever side of the seam it is on.
      expect(buckets.map(({ increase }) => increase)).toEqual([...Array(57).fill(10), 1]);
    }
  });

  it("without an archive growth goes on from the reading before the range", () => {
    const data = new ChartData({
      metrics: [{ channel: "shop", metric: "orders", type: "counter" }],
      range: parseRange(new URLSearchParams("window=1m")),
      now: start + 5 * MINUTE,
      series: () => [
        [start + 3 * MINUTE, 40],
        [start + 4 * MINUTE + 5000, 47],
      ],
    });
    expect(data.picture().lines[0]!.map(({ increase }) => increase)).toEqual([7]);
  });

  it("a reset just there is one", () => {
    const known = history(start + MINUTE);
    const series = new BucketSeries(10_000, bucketsOf(known.metrics.orders!, known), {});
    const before = sum(growth(series));
    series.add([start + MINUTE + 1000, 3]);
    series.add([start + MINUTE + 2000, 5]);
    expect(sum(growth(series)) - before).toBe(5);
  });
});
