import type { Cell, Row } from "@/lib/shared/define-channel";

/** What the viewer asked a table to show; kept in the page's URL. */
export interface TableView {
  column: string;
  descending: boolean;
  filter: string;
}

/** More rows than this are not read on a screen; the filter finds the others. */
export const MAX_SHOWN = 200;

/** Reads a view from a URL's query; anything that does not fit the table is left out. */
export function parseView(
  query: URLSearchParams,
  table: string,
  columns: readonly string[],
  key: string,
): TableView {
  const sort = query.get(`${table}.sort`) ?? "";
  const column = sort.replace(/^-/, "");
  const known = columns.includes(column);
  return {
    column: known ? column : key,
    descending: known && sort.startsWith("-"),
    filter: (query.get(`${table}.filter`) ?? "").slice(0, 100),
  };
}

/** The query with the view in it; what is the default is left out. */
export function writeView(
  query: URLSearchParams,
  table: string,
  key: string,
  view: TableView,
): URLSearchParams {
  const next = new URLSearchParams(query);
  const sort = `${view.descending ? "-" : ""}${view.column}`;
  if (sort === key) next.delete(`${table}.sort`);
  else next.set(`${table}.sort`, sort);
  if (view.filter) next.set(`${table}.filter`, view.filter);
  else next.delete(`${table}.filter`);
  return next;
}

/** The rows to show, in order, and how many match. Rows without a value come last either way. */
export function viewRows(rows: Readonly<Record<string, Row>>, view: TableView, locale: string) {
  const wanted = view.filter.trim().toLocaleLowerCase(locale);
  const collator = new Intl.Collator(locale, { numeric: true });
  const matching = Object.entries(rows).filter(
    ([, row]) =>
      !wanted || Object.values(row).some((cell) => String(cell).toLocaleLowerCase(locale).includes(wanted)),
  );
  const sign = view.descending ? -1 : 1;
  matching.sort(([keyA, a], [keyB, b]) => {
    const [x, y] = [a[view.column] ?? null, b[view.column] ?? null];
    if (x === null || y === null)
      return Number(x === null) - Number(y === null) || collator.compare(keyA, keyB);
    return sign * compareCells(x, y, collator) || collator.compare(keyA, keyB);
  });
  return { shown: matching.slice(0, MAX_SHOWN), matching: matching.length };
}

function compareCells(a: Exclude<Cell, null>, b: Exclude<Cell, null>, collator: Intl.Collator): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
