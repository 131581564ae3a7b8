import type { CsvCell } from "@/lib/shared/csv";
import type { Cell, ColumnOptions } from "@/lib/shared/define-channel";
import type { Entry } from "./table-shape";

/** A head and the rows as they are: numbers unrounded, times as ISO 8601. */
export function* csvRows(
  columns: readonly (ColumnOptions & { name: string })[],
  entries: Iterable<Entry>,
): Iterable<readonly CsvCell[]> {
  yield columns.map(({ title }) => title);
  for (const [, row] of entries) yield columns.map((column) => csvCell(row[column.name], column));
}

/** "orders-2026-11-25T12-00-00Z.csv": a colon is not allowed in a file's name everywhere. */
export function csvFileName(channel: string, now: number): string {
  return `${channel}-${new Date(now).toISOString().slice(0, 19).replaceAll(":", "-")}Z.csv`;
}

function csvCell(value: Cell | undefined, { type }: ColumnOptions): CsvCell {
  return type === "time" && typeof value === "number" ? new Date(value).toISOString() : value;
}
