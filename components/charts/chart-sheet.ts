/** A chart as rows and columns: for its table, and for a CSV file. Pure. */
import type { Bucket } from "@/lib/shared/buckets";
import { type CsvCell, toCsv } from "@/lib/shared/csv";
import type { ValueFormat } from "@/lib/shared/format";
import { hasBand, shownValue } from "./chart-model";
import type { ChartSnapshot, SheetColumn, SnapshotLine } from "./chart-snapshot";

/** More rows nobody reads, and a browser would have to lay out. */
export const MAX_ROWS = 600;

export interface SheetRow {
  /** ms; of charts over time. */
  from?: number;
  /** Of charts by category. */
  name?: string;
  cells: readonly (number | null)[];
  /** Its values are not final. */
  isOpen?: boolean;
  /** Says why there are none, and how long: a time without data. */
  gap?: string;
}

export interface Sheet {
  /** What the first column holds. */
  head: string;
  columns: readonly SheetColumn[];
  /** Oldest first; where there are too many, the newest ones. */
  rows: readonly SheetRow[];
  /** How many there are in all. */
  total: number;
}

/** For a table: the newest rows. */
export function sheetOf(snapshot: ChartSnapshot): Sheet {
  const sheet = wholeSheet(snapshot);
  return { ...sheet, rows: sheet.rows.slice(-MAX_ROWS) };
}

function wholeSheet(snapshot: ChartSnapshot): Sheet {
  const { data } = snapshot;
  if (data.kind === "rows") {
    const rows = data.rows.map(({ name, values }): SheetRow => ({ name, cells: values }));
    return { head: data.head, columns: data.columns, rows, total: rows.length };
  }
  const { columns, rows } =
    data.kind === "lines"
      ? lineRows(data.lines, data.step)
      : {
          columns: data.columns,
          rows: data.slots
            .filter(({ values }) => values.some((value) => value !== null))
            .map(
              ({ from, values, isOpen }): SheetRow => ({ from, cells: values, ...(isOpen && { isOpen }) }),
            ),
        };
  // The reading before a gap comes first.
  const all = [...rows, ...gapRows(snapshot, columns.length)].sort((a, b) => a.from! - b.from!);
  return { head: "Time", columns, rows: all, total: all.length };
}

interface Source extends SheetColumn {
  cells: ReadonlyMap<number, number>;
}

function lineRows(lines: readonly SnapshotLine[], step: number) {
  const columns = lines.flatMap((line): Source[] => {
    const { title, format, buckets, isCounter, before, beforeTitle = `${title}, before` } = line;
    const of = (from: readonly Bucket[], value: (bucket: Bucket) => number) =>
      new Map(from.map((bucket) => [bucket.at, value(bucket)]));
    const shown = shownValue({ type: isCounter ? "counter" : "gauge" });
    const hasRange = !isCounter && hasBand(buckets);
    return [
      { title: hasRange ? `${title}, average` : title, format, cells: of(buckets, shown) },
      ...(hasRange
        ? [
            { title: `${title}, lowest`, format, cells: of(buckets, ({ min }) => min) },
            { title: `${title}, highest`, format, cells: of(buckets, ({ max }) => max) },
          ]
        : []),
      ...(before ? [{ title: beforeTitle, format, cells: beside(buckets, before, step, shown) }] : []),
    ];
  });
  // What lies only in the time that is compared with is no row of its own.
  const times = [...new Set(lines.flatMap(({ buckets }) => buckets.map(({ at }) => at)))];
  const rows = times.map(
    (at): SheetRow => ({
      from: at,
      cells: columns.map(({ cells }) => cells.get(at) ?? null),
    }),
  );
  return { columns: columns.map(({ title, format }): SheetColumn => ({ title, format })), rows };
}

/**
 * What was before, at the times of what is now. The two do not lie on the same times when what is between them is no
 * multiple of their `step` (ms): then each belongs to the nearest, at most half a step away.
 */
function beside(
  buckets: readonly Bucket[],
  before: readonly Bucket[],
  step: number,
  value: (bucket: Bucket) => number,
): Map<number, number> {
  const cells = new Map<number, number>();
  let place = 0;
  for (const { at } of buckets) {
    while (place + 1 < before.length && before[place + 1]!.at <= at + step / 2) place += 1;
    const nearest = before[place];
    if (nearest && Math.abs(nearest.at - at) <= step / 2) cells.set(at, value(nearest));
  }
  return cells;
}

function gapRows({ gaps }: ChartSnapshot, width: number): SheetRow[] {
  const cells = new Array<null>(width).fill(null);
  return gaps.map(({ from, text }) => ({ from, cells, gap: text }));
}

/** All rows. Times in ISO 8601 (UTC), raw numbers, units in the titles; what is not there is an empty cell. */
export function chartCsv(snapshot: ChartSnapshot): string {
  const { head, columns, rows } = wholeSheet(snapshot);
  const isTimed = head === "Time";
  const titles: CsvCell[] = [
    isTimed ? "Time (UTC)" : head,
    ...columns.map(({ title, format }) => withUnit(title, format)),
  ];
  return toCsv([
    titles,
    ...rows.map(({ from, name, cells }): CsvCell[] => [
      isTimed ? new Date(from!).toISOString() : name,
      // Beyond that, digits are only what is left of computing with fractions.
      ...cells.map((cell) => cell && Number(cell.toPrecision(12))),
    ]),
  ]);
}

function withUnit(title: string, { unit, currency }: ValueFormat): string {
  const name = unit === "currency" ? currency : UNIT_NAMES[unit];
  return name ? `${title} (${name})` : title;
}

const UNIT_NAMES: Partial<Record<ValueFormat["unit"], string>> = {
  percent: "%",
  bytes: "bytes",
  bytesPerSecond: "bytes per second",
  perSecond: "per second",
  milliseconds: "ms",
};

/** `cpu-2026-11-25T12-00-00Z.png`: no character that a file system refuses. */
export function fileName(name: string, ms: number, extension: string): string {
  const time = `${new Date(ms).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
  return `${name}-${time}.${extension}`;
}
