import type { Cell, ColumnOptions, Row } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { cellText } from "./cell-text";
import type { TableShape } from "./table-shape";
import { isFiltered, type TableView } from "./table-view";

const COMPARISON = /^(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)$/;
const RANGE = /^(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)$/;

/** Whether a row passes the view's filters; `undefined` when every row does. */
export function rowFilter(
  view: TableView,
  shape: TableShape,
  place: Place,
): ((row: Row) => boolean) | undefined {
  if (!isFiltered(view)) return undefined;
  const read = (row: Row, name: string) => readCell(row[name], shape.columns[name]!, place);
  const tests: ((row: Row) => boolean)[] = [];
  const wanted = fold(view.filter, place);
  if (wanted)
    tests.push((row) => (view.columns ?? shape.shown).some((name) => read(row, name).includes(wanted)));
  for (const [name, text] of Object.entries(view.filters)) {
    const compare = shape.columns[name]!.type === "number" ? comparison(text) : undefined;
    const part = fold(text, place);
    tests.push((row) => {
      const cell = row[name];
      return compare ? typeof cell === "number" && compare(cell) : read(row, name).includes(part);
    });
  }
  return (row) => tests.every((test) => test(row));
}

/** ">100", "<= 5", "=0", "10..20" */
function comparison(text: string): ((value: number) => boolean) | undefined {
  const [, low, high] = RANGE.exec(text.trim()) ?? [];
  if (low && high) return (value) => value >= Number(low) && value <= Number(high);
  const [, sign, digits] = COMPARISON.exec(text.trim()) ?? [];
  const limit = Number(digits);
  if (sign === ">") return (value) => value > limit;
  if (sign === ">=") return (value) => value >= limit;
  if (sign === "<") return (value) => value < limit;
  if (sign === "<=") return (value) => value <= limit;
  return sign === "=" ? (value) => value === limit : undefined;
}

/** What can be found in a cell: a number's digits, and everything else as it is shown. */
function readCell(value: Cell | undefined, column: ColumnOptions, place: Place): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && column.type !== "time") return String(value);
  return fold(cellText(value, column, place), place);
}

function fold(text: string, { locale }: Place): string {
  return text.trim().replaceAll("\u00a0", " ").toLocaleLowerCase(locale);
}
