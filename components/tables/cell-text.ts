import type { Cell, ColumnOptions } from "@/lib/shared/define-channel";
import { formatInline, formatTime, formatValue, type Place } from "@/lib/shared/format";

const NO_VALUE = "–";
/** Numbers are written compactly from here on. */
const COMPACT_FROM = 10_000;
/** Texts that may not fit into their cell. */
const LONG_TEXT = 16;

/** A cell as people read it. With `now`, a time that is long ago gets its date. */
export function cellText(value: Cell | undefined, column: ColumnOptions, place: Place, now?: number): string {
  if (value === null || value === undefined || value === "") return NO_VALUE;
  if (column.type === "time" && typeof value === "number") return formatTime(value, place, now);
  if (typeof value === "number") return formatInline(value, formatOf(column), place.locale);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return value;
}

/** The whole value of a cell that may be shown cut off or compact. */
export function cellTitle(value: Cell | undefined, column: ColumnOptions, place: Place): string | undefined {
  if (typeof value === "string") return value.length > LONG_TEXT ? value : undefined;
  if (typeof value !== "number" || column.type === "time" || Math.abs(value) < COMPACT_FROM) return undefined;
  return formatValue(value, formatOf(column), place.locale).exact;
}

export function formatOf(column: ColumnOptions) {
  return { ...column, unit: column.unit ?? "none" } as const;
}
