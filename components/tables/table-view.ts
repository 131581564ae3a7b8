import type { Sort, TableShape } from "./table-shape";

/** What the viewer asked a table to show; kept in the page's URL. */
export interface TableView {
  /** The first counts most. Never empty. */
  sorts: readonly Sort[];
  /** What any shown cell has to hold. */
  filter: string;
  /** column → what its cells have to hold. */
  filters: Readonly<Record<string, string>>;
  /** The chosen columns, in the table's order; never none. Without a choice, the table's own. */
  columns?: readonly string[];
  /** Those that stay in sight when the others scroll, in this order. */
  pinned: readonly string[];
}

/** A filter is what a person types. */
const MAX_FILTER = 100;
/** Nobody reads an order by more. */
export const MAX_SORTS = 3;

/** The part of a page's query that is about this table. */
export function ownQuery(query: URLSearchParams, { channel }: TableShape): string {
  return new URLSearchParams([...query].filter(([name]) => name.startsWith(`${channel}.`))).toString();
}

/** Reads a view from a URL's query; anything that does not fit the table is left out. */
export function parseView(query: URLSearchParams, shape: TableShape): TableView {
  const { channel, order, key } = shape;
  const words = (name: string) => query.get(`${channel}.${name}`)?.split(" ");
  const isKnown = (column: string) => Object.hasOwn(shape.columns, column);
  const known = (names: readonly string[]) => [...new Set(names)].filter(isKnown);

  const sorts = (words("sort") ?? [])
    .map((word): Sort => ({ column: word.replace(/^-/, ""), descending: word.startsWith("-") }))
    .filter(({ column }, i, all) => isKnown(column) && all.findIndex((s) => s.column === column) === i)
    .slice(0, MAX_SORTS);
  const chosen = new Set(known(words("columns") ?? []));
  const filters = Object.keys(shape.columns).flatMap((column): [string, string][] => {
    const text = (query.get(`${channel}.filter.${column}`) ?? "").slice(0, MAX_FILTER);
    return text ? [[column, text]] : [];
  });
  return {
    sorts: sorts.length > 0 ? sorts : [order],
    filter: (query.get(`${channel}.filter`) ?? "").slice(0, MAX_FILTER),
    filters: Object.fromEntries(filters),
    ...(chosen.size > 0 && { columns: inOrder(shape, chosen) }),
    pinned: query.has(`${channel}.pinned`) ? known(words("pinned") ?? []) : [key],
  };
}

/** The query with the view in it; what is the default is left out. */
export function writeView(query: URLSearchParams, shape: TableShape, view: TableView): URLSearchParams {
  const next = new URLSearchParams(query);
  const put = (name: string, value: string, standard: string) => {
    if (value === standard) next.delete(`${shape.channel}.${name}`);
    else next.set(`${shape.channel}.${name}`, value);
  };
  put("sort", sortWords(view.sorts), sortWords([shape.order]));
  put("filter", view.filter, "");
  for (const column of Object.keys(shape.columns)) put(`filter.${column}`, view.filters[column] ?? "", "");
  put("columns", view.columns?.join(" ") ?? "", "");
  put("pinned", view.pinned.join(" "), shape.key);
  return next;
}

/** All columns of a table: those that are shown by default first. */
export function allColumns(shape: TableShape): string[] {
  return [...new Set([...shape.shown, ...Object.keys(shape.columns)])];
}

/** These columns in the table's order. */
export function inOrder(shape: TableShape, columns: ReadonlySet<string>): string[] {
  return allColumns(shape).filter((column) => columns.has(column));
}

/** Whether rows may be missing because of a filter. */
export function isFiltered({ filter, filters }: TableView): boolean {
  return filter.trim() !== "" || Object.keys(filters).length > 0;
}

function sortWords(sorts: readonly Sort[]): string {
  return sorts.map(({ column, descending }) => `${descending ? "-" : ""}${column}`).join(" ");
}
