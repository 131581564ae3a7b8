import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  barAt,
  barEdges,
  barGrain,
  barMarks,
  barSilences,
  barStep,
  barsOf,
  barTotal,
} from "@/components/charts/bar-model";
import { categoriesOf, categoryReach } from "@/components/charts/category-model";
import { chartLines, chartScale, textAt } from "@/components/charts/chart-lines";
import { linePoints } from "@/components/charts/chart-model";
import { arcPath, gaugeOf, zonesOf } from "@/components/charts/gauge-model";
import { columnEdges, heatBounds, heatMarks, LEVELS, levelOf } from "@/components/charts/heat-model";
import { stackLayers, stackValues, sumBuckets } from "@/components/charts/stack";
import { layerMiddle, stackLines, totalText } from "@/components/charts/stacked-lines";
import { nearThresholds, placeThresholds, thresholdsOf, thresholdText } from "@/components/charts/thresholds";
import type { ChartPicture } from "@/lib/client/chart-data";
import { chooseTier } from "@/lib/server/history/tiers";
import { readSettings } from "@/lib/server/settings";
import { type Bucket, bucketOf } from "@/lib/shared/buckets";
import { defineChannel } from "@/lib/shared/define-channel";
import type { Outage } from "@/lib/shared/history";
import { stepFor } from "@/lib/shared/history";
import { WINDOWS } from "@/lib/shared/time-range";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const UTC = { locale: "en", timeZone: "UTC" };
const mean = ({ sum, count }: Bucket) => sum / count;
const line = (values: readonly (number | null)[], limit = 1500, outages: Outage[] = []) => ({
  buckets: values.flatMap((value, i) => (value === null ? [] : bucketOf(i * 1000, value, 1000))),
  limit,
  outages,
  value: mean,
});

describe("a stack", () => {
  it("puts positive values on top of each other, and negative ones below zero", () => {
    expect(stackValues([1, -2, null, 3, -4])).toEqual([[0, 1], [-2, 0], null, [1, 4], [-6, -2]]);
  });

  it("adds up at equal times, and its outer edge at the top is the total", () => {
    const layers = stackLayers([line([1, 2, 3]), line([10, 20, 30])], 1000, 1e9);
    expect(layers[0]!.outer.map(([, value]) => value)).toEqual([1, 2, 3]);
    expect(layers[1]!.low.map(([, value]) => value)).toEqual([1, 2, 3]);
    expect(layers[1]!.outer.map(([, value]) => value)).toEqual([11, 22, 33]);
  });

  it("[A4] keeps gaps as gaps: a silent line has no layer, one that is only late counts with its last reading", () => {
    const [first, second] = stackLayers([line([1, null, null, null, 5]), line([1, 1, 1, 1, 1])], 1000, 1e9);
    expect(first!.high.map(([, value]) => value)).toEqual([1, 1, null, 5]);
    expect(second!.low.map(([, value]) => value)).toEqual([1, 1, 0, 0, 5]);
    const alone = stackLayers([line([1, null, null, null, 5])], 1000, 1e9);
    expect(alone[0]!.high.map(([, value]) => value)).toEqual([1, null, 5]);
  });

  it("[A4] breaks at an outage that is shorter than a silence, as a line does", () => {
    const out = [{ from: 1600, to: 1900 }];
    const [first, second] = stackLayers([line([1, 1, 1], 1500, out), line([2, 2, 2], 1500, out)], 1000, 1e9);
    for (const layer of [first!, second!])
      expect(layer.high.map(([, value]) => value === null)).toEqual([false, false, true, false]);
    expect(second!.high.map(([, value]) => value)).toEqual([3, 3, null, 3]);
  });

  it("[A4] breaks where its lines do, however wide the buckets and wherever somebody stopped recording", () => {
    const STEP = 60_000;
    const moment = fc.integer({ min: 0, max: 20 * STEP });
    fc.assert(
      fc.property(
        fc.array(moment, { minLength: 1, maxLength: 20 }),
        fc.array(fc.tuple(moment, fc.integer({ min: 1, max: STEP })), { maxLength: 3 }),
        (times, outs) => {
          const at = [...new Set(times.map((ts) => Math.floor(ts / STEP) * STEP))].sort((a, b) => a - b);
          const buckets = at.map((start) => ({ ...bucketOf(start, 1, STEP), lastAt: start + STEP - 1 }));
          const outages = outs.map(([from, length]) => ({ from, to: from + length }));
          const wide = { buckets, outages, limit: 2 * STEP, value: mean };
          const line = linePoints(buckets, STEP, wide.limit, 1e9, mean, outages);
          expect(stackLayers([wide], STEP, 1e9)[0]!.outer).toEqual(line);
        },
      ),
    );
    // Nor does a line that has no reading just then go on across it.
    const wide = (at: number[]) => ({
      ...{ limit: 4 * STEP, value: mean, outages: [{ from: 100_000, to: 115_000 }] },
      buckets: at.map((start) => ({ ...bucketOf(start, 1, STEP), lastAt: start + STEP - 1 })),
    });
    const both = [wide([0, STEP, 2 * STEP]), wide([0, STEP])];
    expect(stackLayers(both, STEP, 1e9)[1]!.high.map(([, value]) => value)).toEqual([2, 2, null]);
    expect(sumBuckets(both, STEP).map(({ sum }) => sum)).toEqual([2, 2, 1]);
  });

  it("[A4] of wide buckets is as young as its newest reading: what is added up breaks no more than its parts", () => {
    const HOURS = [0, 1, 2].map((hour) => ({
      ...bucketOf(hour * HOUR, 2, HOUR),
      lastAt: (hour + 1) * HOUR - 1,
    }));
    const wide = { ...line([]), buckets: HOURS };
    expect(
      sumBuckets([wide, { ...wide, buckets: HOURS.slice(0, 1) }], HOUR).map(({ sum, lastAt }) => [
        sum,
        lastAt,
      ]),
    ).toEqual([
      [4, HOUR - 1],
      // The other one is not silent yet.
      [4, 2 * HOUR - 1],
      [2, 3 * HOUR - 1],
    ]);
    const pair = metrics.slice(0, 2);
    const given = {
      ...picture([[]]),
      step: HOUR,
      now: 3 * HOUR,
      lines: [HOURS, HOURS],
      before: [HOURS, HOURS],
    };
    const total = stackLines(chartLines(given, { metrics: pair }), given, pair).at(-1)!.before!;
    expect(total.points.map(([, value]) => value)).toEqual([4, 4, 4]);
  });

  it("has layers that meet, whatever the values", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 }), (rows) => {
        const layers = stackLayers(
          [0, 1, 2].map((i) => line(rows.map((row) => row[i]!))),
          1000,
          1e9,
        );
        rows.forEach((row, at) => {
          const total = row.reduce((sum, one) => sum + one, 0);
          const spread = layers.map(({ low, high }) => [low[at]![1]!, high[at]![1]!]);
          const above = Math.max(0, ...spread.map(([, high]) => high!));
          const below = Math.min(0, ...spread.map(([low]) => low!));
          expect(above + below).toBeCloseTo(total, 3);
          for (const [low, high] of spread) expect(high).toBeGreaterThanOrEqual(low! - 1e-6);
        });
      }),
    );
  });

  it("sums lines up in buckets of one line", () => {
    expect(sumBuckets([line([1, 2]), line([3, null, 5])], 1000).map(({ sum }) => sum)).toEqual([4, 5, 7]);
  });
});

const shop = defineChannel({
  ...{ kind: "record", name: "shop", title: "Shop", cadence: 1000, maxAge: 1500, filledBy: "ingest" },
  metrics: Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`m${i}`, { title: `M${i}`, unit: "count" as const, min: 0 }]),
  ),
});
const metrics = Object.values(shop.metrics);
const picture = (values: readonly (readonly (number | null)[])[]): ChartPicture => ({
  ...{ span: { from: 0, to: 10_000 }, now: 10_000, step: 1000, outages: [], unknown: [], status: "ready" },
  lines: values.map((of) => line(of).buckets),
});

describe("many lines", () => {
  const nine = picture(metrics.map((_, i) => [i, i + 1]));

  it("fade into others beyond seven, each group of which can be asked for", () => {
    const names = (group: number) =>
      chartLines(nine, { metrics, group }).map(({ name, isOther }) => (isOther ? `(${name})` : name));
    expect(names(0)).toEqual(["M0", "M1", "M2", "M3", "M4", "M5", "(M6)", "(M7)", "(M8)"]);
    expect(names(1).slice(0, 3)).toEqual(["M6", "M7", "M8"]);
    expect(names(2)).toEqual(names(0));
    expect(chartLines(nine, { metrics: metrics.slice(0, 7) }).some(({ isOther }) => isOther)).toBe(false);
    expect(chartLines(nine, { metrics, group: 1 })[0]!.colour).toBe("--chart-1");
  });

  it("of a stack become one layer, which the total has", () => {
    const lines = stackLines(chartLines(nine, { metrics }), nine, metrics);
    expect(lines.map(({ name }) => name).at(-1)).toBe("3 others");
    expect(totalText(lines, null, "en")).toBe("45");
    expect(totalText(lines, 500, "en")).toBe("36");
    expect(lines.at(-1)!.points.at(-1)![1]).toBe(45);
    expect(layerMiddle(lines[0]!)).toBe(0.5);
  });
});

it("the scale of a stack fits its sum, that of an area has zero", () => {
  const two = picture([
    [60, 70],
    [50, 20],
  ]);
  const pair = metrics.slice(0, 2);
  expect(
    chartScale(stackLines(chartLines(two, { metrics: pair }), two, pair), {}).max,
  ).toBeGreaterThanOrEqual(110);
  expect(chartScale(chartLines(two, { metrics: pair, area: true }), {}).min).toBe(0);
  expect(chartScale(chartLines(two, { metrics: pair }), {}).min).toBe(20);
});

it("a stack is compared by its total, which its scale and its words have room for", () => {
  const two = picture([
    [60, 70],
    [50, 20],
  ]);
  const pair = metrics.slice(0, 2);
  const before = [line([100, 1]).buckets, line([200, 2]).buckets];
  const lines = stackLines(chartLines({ ...two, before }, { metrics: pair }), { ...two, before }, pair);
  expect(lines.map((one) => one.before?.points.map(([, value]) => value))).toEqual([undefined, [300, 3]]);
  expect(chartScale(lines, {}).max).toBeGreaterThanOrEqual(300);
  expect(totalText(lines, 500, "en")).toBe("110, before 300");
  expect(textAt(lines[1]!, 500, "en")).toBe("50");
});

it("a total says when it is only of some", () => {
  const part = picture([[1, 2, 3, 4, 5, 6], [1]]);
  const lines = stackLines(chartLines(part, { metrics: metrics.slice(0, 2) }), part, metrics.slice(0, 2));
  expect(totalText(lines, 5500, "en")).toBe("6 of 1 that have data");
});

describe("thresholds", () => {
  const high = { value: 90, label: "High", level: "attention" } as const;

  it("at one value are one line, as bad as the worst", () => {
    const bad = { value: 90, label: "Full", level: "bad" } as const;
    expect(thresholdsOf([{ thresholds: [high] }, { thresholds: [high] }, {}])).toEqual([high]);
    expect(thresholdsOf([{ thresholds: [high] }, { thresholds: [bad] }])).toEqual([
      { value: 90, label: "High, Full", level: "bad" },
    ]);
  });

  it("count in the scale when they are near, and are named when they are not", () => {
    expect(nearThresholds([high], { min: 0, max: 60 })).toEqual([high]);
    expect(nearThresholds([high], { min: 0, max: 59 })).toEqual([]);
    const cpu = picture([[12, 14]]);
    const far = chartScale(chartLines(cpu, { metrics: metrics.slice(0, 1) }), { min: 0 }, [high]);
    const [above] = placeThresholds([high], far, { unit: "percent" });
    expect(above!.where).toBe("above");
    expect(thresholdText(above!, "en")).toBe("High 90% is above");
    const near = chartScale(chartLines(picture([[12, 60]]), { metrics: metrics.slice(0, 1) }), { min: 0 }, [
      high,
    ]);
    expect(near.max).toBeGreaterThanOrEqual(90);
    expect(placeThresholds([high], near, { unit: "percent" })[0]!.where).toBe("inside");
  });
});

describe("bars", () => {
  it("are a few dozen in every window, and their buckets make them up", () => {
    for (const { ms } of WINDOWS) {
      const step = barStep(ms, 1000);
      const { points, lead } = barGrain(ms, 1000);
      expect(ms / step).toBeGreaterThanOrEqual(20);
      expect(ms / step).toBeLessThanOrEqual(30);
      expect(step % stepFor(ms + lead, points)).toBe(0);
      expect(points).toBeLessThanOrEqual(2000);
    }
    expect([barStep(DAY, 1000), barStep(30 * DAY, 1000)]).toEqual([HOUR, DAY]);
    // Two readings fit into each, so that a slow channel has fewer.
    expect(barStep(300_000, 10_000)).toBe(20_000);
  });

  it("[A5] of days are whole where the clock differs from UTC by half an hour", () => {
    for (const { ms } of WINDOWS) {
      const { points, lead } = barGrain(ms, 1000, 5.5 * HOUR);
      const base = stepFor(ms + lead, points);
      expect(points).toBeLessThanOrEqual(2000);
      const kolkata = { locale: "en", timeZone: "Asia/Kolkata" };
      const edges = barEdges({ from: 100 * DAY, to: 100 * DAY + ms }, barStep(ms, 1000), kolkata);
      if (barStep(ms, 1000) > HOUR) for (const edge of edges) expect(edge % base).toBe(0);
      // The archive has them, as it is set up by default.
      const { step } = chooseTier({ from: -ms - lead, to: 0, points }, readSettings({}).retention, 1000);
      expect(step).toBe(base);
    }
  });

  it("of days are those of the viewer's calendar, one of which has 25 hours", () => {
    const berlin = { locale: "en", timeZone: "Europe/Berlin" };
    const from = Date.parse("2026-10-23T22:30:00Z");
    const edges = barEdges({ from, to: from + 3 * DAY }, DAY, berlin);
    expect(edges.map((edge) => new Date(edge).toISOString())).toEqual([
      ...["2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z"],
      ...["2026-10-25T23:00:00.000Z", "2026-10-26T23:00:00.000Z"],
    ]);
    expect(barEdges({ from: 25 * HOUR, to: 49 * HOUR }, 6 * HOUR, UTC)[0]).toBe(DAY);
    // A day that begins at one o'clock, as midnight is left out.
    const spring = Date.parse("2026-09-05T12:00:00Z");
    const days = barEdges({ from: spring, to: spring + 2 * DAY }, DAY, {
      locale: "en",
      timeZone: "America/Santiago",
    });
    expect(days.map((day) => new Date(day).toISOString().slice(0, 13))).toEqual([
      ...["2026-09-05T04", "2026-09-06T04", "2026-09-07T03", "2026-09-08T03"],
    ]);
  });

  it("say how much a counter grew and the average of the rest; without a reading nothing", () => {
    const buckets = [1000, 2000, 5000].map((at) => ({ ...bucketOf(at, at, 1000), increase: 4 }));
    const edges = [0, 3000, 4000, 6000];
    const bars = barsOf([buckets, buckets], edges, [{ type: "counter" }, {}], 5500);
    expect(bars.map(({ values }) => values)).toEqual([
      [8, 1500],
      [null, null],
      [4, 5000],
    ]);
    expect(bars.map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
    expect(barAt(bars, 3999)).toBe(bars[1]);
    expect([barTotal(bars[0]!), barTotal(bars[1]!)]).toEqual([1508, null]);
  });

  it("lose and double nothing, wherever the edges lie", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(99), { maxLength: 50 }),
        fc.integer({ min: 1, max: 40 }),
        (seconds, width) => {
          const buckets = [...new Set(seconds)]
            .sort((a, b) => a - b)
            .map((at) => ({
              ...bucketOf(at * 1000, 1, 1000),
              increase: 1,
            }));
          const edges = Array.from({ length: Math.ceil(100 / width) + 1 }, (_, i) => i * width * 1000);
          const bars = barsOf([buckets], edges, [{ type: "counter" }], 0);
          expect(bars.reduce((sum, { values }) => sum + (values[0] ?? 0), 0)).toBe(buckets.length);
        },
      ),
    );
  });

  it("look unfinished while they are, and stand beside or on each other", () => {
    const bars = barsOf([line([2, 4]).buckets, line([1, 1]).buckets], [0, 1000, 2000], [{}, {}], 1500);
    const box = {
      scale: { min: 0, max: 5, step: 1, ticks: [] },
      span: { from: 0, to: 2000 },
      width: 200,
      height: 100,
    };
    const marks = barMarks(bars, ["--a", "--b"], true, box);
    expect(marks.map(({ fill, opacity }) => [fill, opacity])).toEqual([
      ...[
        ["--a", undefined],
        ["--a", 0.45],
      ],
      ...[
        ["--b", undefined],
        ["--b", 0.45],
      ],
    ]);
    expect(marks.map(({ d }) => d)).toContain("M10.0 60.0V40.0h80.0V60.0Z");
    expect(barMarks(bars, ["--a", "--b"], false, box)[2]!.d).toBe("M50.0 100.0V80.0h40.0V100.0Z");
  });

  it("[A4] have silences where whole ones are empty for long, once each", () => {
    const bars = barsOf(
      [line([1, null, null, 1, null, 1]).buckets],
      [0, 1, 2, 3, 4, 5, 6].map((s) => s * 1000),
      [{}],
      1e9,
    );
    expect(barSilences(bars, [], 2000)).toEqual([{ from: 1000, to: 3000 }]);
    const known = [{ from: 900, to: 3100 }];
    expect(barSilences(bars, known, 2000)).toEqual(known);
    expect(barSilences(bars, [], 1000)).toHaveLength(2);
    // A short outage is not all that there is to say of a long time without readings.
    const short = { from: 1500, to: 1700, why: "outage" } as const;
    expect(barSilences(bars, [short], 2000)).toEqual([{ from: 1000, to: 3000 }, short]);
  });
});

describe("bars by category", () => {
  const rows = Object.fromEntries(
    [3, 9, 5, null, 1, 7].map((revenue, i) => [`r${i}`, { region: `r${i}`, revenue }]),
  );

  it("are sorted, and those beyond the first are one", () => {
    expect(categoriesOf(rows, "revenue", "currency", 3).map(({ name, value }) => [name, value])).toEqual([
      ...[
        ["r1", 9],
        ["r5", 7],
      ],
      ["3 others", 9],
    ]);
    expect(categoriesOf(rows, "revenue", "currency", 9)).toHaveLength(5);
  });

  it("never add up what has no sum", () => {
    expect(categoriesOf(rows, "revenue", "percent", 3).map(({ name }) => name)).toEqual(["r1", "r5", "r2"]);
  });

  it("reach from zero to both sides", () => {
    const { zero, reach } = categoryReach([-1, 3].map((value) => ({ key: "", name: "", value })));
    expect([zero, ...reach]).toEqual([0.25, { from: 0, to: 0.25 }, { from: 0.25, to: 1 }]);
  });
});

describe("a gauge", () => {
  const disk = { min: 0, max: 200, thresholds: [{ value: 180, label: "High", level: "attention" as const }] };

  it("has zones from its thresholds on, or below them where more is better", () => {
    expect(zonesOf(disk).map(({ from, to, level }) => [from, to, level])).toEqual([
      ...[
        [0, 0.9, "usual"],
        [0.9, 1, "attention"],
      ],
    ]);
    expect(zonesOf({ ...disk, good: "up" })[0]!.level).toBe("attention");
  });

  it("says in which zone a value is, and never leaves its ring", () => {
    expect([0, 179, 180, 999].map((value) => gaugeOf(value, disk))).toEqual([
      ...[
        { share: 0, level: "usual" },
        { share: 0.895, level: "usual" },
      ],
      ...[
        { share: 0.9, level: "attention" },
        { share: 1, level: "attention" },
      ],
    ]);
    expect(arcPath(0, 1)).toBe("M12.00 96.00A88 88 0 0 1 188.00 96.00");
  });
});

describe("a heat chart", () => {
  const columns = (...values: (number | null)[][]) => values.map((of) => ({ values: of }));

  it("has round bounds that reach the largest rate, at most one for each shade", () => {
    expect(heatBounds(columns([0.03, 14], [null, 2]))).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
    expect(heatBounds(columns([0.3]))).toHaveLength(LEVELS);
    for (const most of [1e-6, 0.1, 1, 2, 4.99, 5, 1000, 123456]) {
      const top = heatBounds(columns([most])).at(-1)!;
      expect(top).toBeLessThanOrEqual(most);
      expect(most / top).toBeLessThanOrEqual(2.5);
    }
  });

  it("gives more a darker shade, never none to something, and none to nothing", () => {
    const bounds = [1, 2, 5];
    expect([null, 0, 0.1, 1, 2, 4, 5, 99].map((value) => levelOf(value, bounds))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
    const rate = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(rate, rate, (a, b) => {
        const of = heatBounds(columns([a, b]));
        expect(levelOf(Math.max(a, b), of)).toBeGreaterThanOrEqual(levelOf(Math.min(a, b), of));
      }),
    );
  });

  it("has shades of one hue that get steadily darker, or in the dark lighter", () => {
    const css = readFileSync("app/globals.css", "utf8");
    const [light, dark] = css.split(".dark {") as [string, string];
    const shades = (text: string) =>
      [...text.matchAll(/--heat-\d: oklch\(([\d.]+) [\d.]+ (\d+)\)/g)].map(([, l, hue]) => [Number(l), hue]);
    for (const [theme, sign] of [
      [light, -1],
      [dark, 1],
    ] as const) {
      const of = shades(theme);
      expect(of).toHaveLength(LEVELS);
      expect(new Set(of.map(([, hue]) => hue)).size).toBe(1);
      of.slice(1).forEach(([lightness], i) => {
        const step = sign * (Number(lightness) - Number(of[i]![0]));
        expect(step).toBeGreaterThan(0.06);
      });
    }
  });

  it("draws a path for each shade, the first band at the bottom", () => {
    const edges = columnEdges({ from: 500, to: 2500 }, 1000);
    expect(edges).toEqual([0, 1000, 2000, 3000]);
    const bars = barsOf([line([5, 0, 5]).buckets, line([0, 0, 1]).buckets], edges, [{}, {}], 1e9);
    const marks = heatMarks(bars, [1, 2, 5], { from: 500, to: 2500 }, 200, 100);
    expect(marks.map(({ fill }) => fill)).toEqual(["--heat-1", "--heat-3"]);
    expect(marks[0]!.d).toBe("M150.0 0.0h100.5V50.0H150.0Z");
    expect(marks[1]!.d.match(/M/g)).toHaveLength(2);
  });
});
