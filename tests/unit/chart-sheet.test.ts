import { describe, expect, it } from "vitest";
import { chartCsv, fileName, MAX_ROWS, sheetOf } from "@/components/charts/chart-sheet";
import type { ChartSnapshot, SnapshotLine } from "@/components/charts/chart-snapshot";
import { gapsOf } from "@/components/charts/gaps";
import { imageLayout } from "@/components/charts/image-layout";
import { bucketOf } from "@/lib/shared/buckets";

const AT = Date.parse("2026-11-25T12:00:00Z");
const PLACE = { locale: "en-GB", timeZone: "UTC" };
const percent = { unit: "percent" } as const;

function snapshot(change: Partial<ChartSnapshot>): ChartSnapshot {
  return {
    ...{ name: "cpu", title: "CPU", rangeText: "Last 5 minutes", now: AT, place: PLACE },
    ...{ gaps: [], marks: () => [], values: [], grid: [], times: [], thresholds: [], labels: [] },
    data: { kind: "lines", step: 60_000, lines: [] },
    ...change,
  };
}

const line = (change: Partial<SnapshotLine>): SnapshotLine => ({
  ...{ title: "CPU", format: percent, isCounter: false, buckets: [] },
  ...change,
});
const buckets = [0, 1, 5].map((minute) => bucketOf(AT + minute * 60_000, minute, 60_000));
const gaps = gapsOf(
  [{ from: AT + 60_000, to: AT + 300_000 }],
  { now: AT + 360_000, unknown: [], status: "ready" },
  PLACE,
);

describe("a chart's rows", () => {
  it("have lowest and highest only where an average hides them", () => {
    const titles = (lines: SnapshotLine[]) =>
      sheetOf(snapshot({ data: { kind: "lines", step: 60_000, lines } })).columns.map(({ title }) => title);
    expect(titles([line({ buckets })])).toEqual(["CPU"]);
    const wide = [{ ...buckets[0]!, count: 2, sum: 6, min: 2, max: 4 }];
    expect(titles([line({ buckets: wide })])).toEqual(["CPU, average", "CPU, lowest", "CPU, highest"]);
    expect(titles([line({ buckets: wide, isCounter: true, before: wide })])).toEqual(["CPU", "CPU, before"]);
  });

  it("[A5] have what was before beside it, though it does not lie on the same times", () => {
    const before = [0, 1, 5].map((minute) => bucketOf(AT + minute * 60_000 + 20_000, 10 + minute, 60_000));
    const shifted = before.map((bucket) => ({ ...bucket, at: bucket.at + 20_000 }));
    const cells = (given: typeof before) =>
      sheetOf(
        snapshot({ data: { kind: "lines", step: 60_000, lines: [line({ buckets, before: given })] } }),
      ).rows.map((row) => row.cells[1]);
    expect(cells(shifted)).toEqual([10, 11, 15]);
    expect(cells(shifted.slice(1))).toEqual([null, 11, 15]);
    expect(cells(shifted.map((bucket) => ({ ...bucket, at: bucket.at - 40_000 })))).toEqual([10, 11, 15]);
    expect(cells(buckets.slice(0, 2))).toEqual([0, 1, null]);
    // However far apart its buckets are, what lies more than half a bucket away was not then.
    expect(cells([bucketOf(AT + 120_000, 7, 60_000)])).toEqual([null, null, null]);
    const sparse = {
      kind: "lines",
      step: 60_000,
      lines: [line({ buckets: [buckets[0]!, buckets[2]!], before: [buckets[1]!] })],
    } as const;
    expect(sheetOf(snapshot({ data: sparse })).rows.map((row) => row.cells[1])).toEqual([null, null]);
    const single = {
      ...sparse,
      lines: [line({ buckets: [buckets[0]!], before: [{ ...buckets[1]!, at: AT + 20_000 }] })],
    };
    expect(sheetOf(snapshot({ data: single })).rows.map((row) => row.cells[1])).toEqual([1]);
  });

  it("[A4] have a gap in its place, which says so", () => {
    const { rows } = sheetOf(
      snapshot({ gaps, data: { kind: "lines", step: 60_000, lines: [line({ buckets })] } }),
    );
    expect(rows.map(({ cells, gap }) => gap ?? cells[0])).toEqual([
      ...[0, 1, "no data 12:01:00\u00a0UTC–12:05:00\u00a0UTC", 5],
    ]);
  });

  it("are bounded: the newest ones are kept, and all of them in a file", () => {
    const many = Array.from({ length: MAX_ROWS + 5 }, (_, i) => bucketOf(AT + i * 1000, i, 1000));
    const long = snapshot({ data: { kind: "lines", step: 1000, lines: [line({ buckets: many })] } });
    const { rows, total } = sheetOf(long);
    expect([rows.length, total, rows[0]!.cells[0]]).toEqual([MAX_ROWS, MAX_ROWS + 5, 5]);
    expect(chartCsv(long).trimEnd().split("\r\n")).toHaveLength(1 + MAX_ROWS + 5);
  });

  it("leave out bars without any reading", () => {
    const slots = [
      { from: 0, to: 1, values: [null], isOpen: false },
      { from: 1, to: 2, values: [3], isOpen: true },
    ];
    const { rows } = sheetOf(
      snapshot({ data: { kind: "slots", columns: [{ title: "Orders", format: { unit: "count" } }], slots } }),
    );
    expect(rows).toEqual([{ from: 1, cells: [3], isOpen: true }]);
  });
});

describe("a chart's CSV", () => {
  it("has times in UTC, raw numbers, units in the titles, and empty cells in a gap", () => {
    const data = {
      kind: "lines",
      step: 60_000,
      lines: [line({ buckets }), line({ title: "Out", format: { unit: "bytesPerSecond" } })],
    } as const;
    expect(chartCsv(snapshot({ gaps, data })).split("\r\n")).toEqual([
      "Time (UTC),CPU (%),Out (bytes per second)",
      "2026-11-25T12:00:00.000Z,0,",
      "2026-11-25T12:01:00.000Z,1,",
      "2026-11-25T12:01:00.000Z,,",
      "2026-11-25T12:05:00.000Z,5,",
      "",
    ]);
  });

  it("makes text of names and titles that a spreadsheet would run", () => {
    const money = { unit: "currency", currency: "EUR" } as const;
    const rows = [
      { name: '=HYPERLINK("http://x")', values: [-5.5] },
      { name: "@a, b", values: [null] },
    ];
    const text = chartCsv(
      snapshot({
        data: { kind: "rows", head: "+Region", columns: [{ title: "-Revenue", format: money }], rows },
      }),
    );
    expect(text).toBe(`'+Region,'-Revenue (EUR)\r\n"'=HYPERLINK(""http://x"")",-5.5\r\n"'@a, b",\r\n`);
  });

  it("has a name that any file system takes", () => {
    expect(fileName("cpu", AT, "png")).toBe("cpu-2026-11-25T12-00-00Z.png");
  });
});

describe("a chart's image", () => {
  const measure = (text: string) => text.length * 7;
  const values = [
    { place: 0, label: "1,000,000ms" },
    { place: 1, label: "0ms" },
  ];
  const labels = [0.5, 0.51, 0.52].map((place, i) => ({ name: `Line ${i}`, text: "12 ms", place }));

  it("has room for the widest labels, and keeps everything inside", () => {
    const {
      width,
      height,
      plot,
      valuesRight,
      timesY,
      labels: at,
      title,
    } = imageLayout({ values, labels, times: [{ place: 0, label: "now" }] }, measure);
    expect(valuesRight - measure("1,000,000ms")).toBeGreaterThanOrEqual(24);
    expect(plot.x).toBeGreaterThan(valuesRight);
    for (const { x, width: wide, y } of at) {
      expect(x).toBeGreaterThan(plot.x + plot.width);
      expect(x + wide).toBeLessThanOrEqual(width - 24);
      expect(y).toBeGreaterThanOrEqual(plot.y);
      expect(y).toBeLessThanOrEqual(plot.y + plot.height);
    }
    expect(title.y).toBeLessThan(plot.y);
    expect(timesY).toBeGreaterThan(plot.y + plot.height);
    expect(timesY).toBeLessThan(height);
  });

  it("moves labels apart, and lists those without a place", () => {
    const placed = imageLayout({ values, labels, times: [] }, measure).labels.map(({ y }) => y);
    expect(placed[1]! - placed[0]!).toBeGreaterThanOrEqual(17.9);
    const listed = labels.map((label) => ({ ...label, place: null }));
    const ys = imageLayout({ values, labels: listed, times: [] }, measure).labels.map(({ y }) => y);
    expect(ys.map((y) => y - ys[0]!)).toEqual([0, 18, 36]);
  });

  it("gives the plot the room that is not needed", () => {
    const bare = imageLayout({ values: [], labels: [], times: [] }, measure);
    expect(bare.plot.width).toBeGreaterThan(imageLayout({ values, labels, times: [] }, measure).plot.width);
  });
});
