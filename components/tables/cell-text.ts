import type { Cell, ColumnOptions } from "@/lib/shared/define-channel";
import { formatInline, formatTime, type Place } from "@/lib/shared/format";

/** A cell as people read it. With `now`, a time that is long ago gets its date. */
export function cellText(value: Cell | undefined, column: ColumnOptions, place: Place, now?: number): string {
  if (value === null || value === undefined || value === "") return "–";
  if (column.type === "time" && typeof value === "number") return formatTime(value, place, now);
  if (typeof value === "number")
    return formatInline(value, { ...column, unit: column.unit ?? "none" }, place.locale);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return value;
}
