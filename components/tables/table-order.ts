import type { Cell, Row } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { rowFilter } from "./table-filter";
import type { Entry, TableShape } from "./table-shape";
import type { TableView } from "./table-view";

/** The rows that pass the filters, in the order that was asked for, and what they were made from. */
export interface Ordered {
  readonly entries: readonly Entry[];
  /** How many rows there are with those that do not pass. */
  readonly total: number;
  readonly rows: Readonly<Record<string, Row>>;
  readonly view: TableView;
  readonly place: Place;
}

type Compare = (a: Entry, b: Entry) => number;

/** With more news than one row in so many, all rows are sorted anew. */
const MANY = 8;
/** Making one takes long. A viewer has one locale, a server those of its viewers. */
const MAX_COLLATORS = 50;
const collators = new Map<string, Intl.Collator>();

/**
 * Filters and sorts a table's rows. With the outcome of the last time, only what changed since is looked at; nothing
 * changed gives the very same entries. Rows are told apart by identity, as a changed row is another object.
 */
export function orderRows(
  rows: Readonly<Record<string, Row>>,
  view: TableView,
  shape: TableShape,
  place: Place,
  last?: Ordered,
): Ordered {
  if (last && last.rows === rows && last.view === view && last.place === place) return last;
  const passes = rowFilter(view, shape, place);
  const compare = rowComparison(view, shape, place.locale);
  const isSameQuestion = last && last.view === view && last.place === place;
  const news: Entry[] = [];
  let total = 0;
  for (const key of Object.keys(rows)) {
    total++;
    const row = rows[key]!;
    if (isSameQuestion && last.rows[key] === row) continue;
    if (!passes || passes(row)) news.push([key, row]);
  }
  const kept = isSameQuestion ? last.entries.filter(([key, row]) => rows[key] === row) : [];
  const isSame = news.length === 0 && kept.length === last?.entries.length;
  const entries = isSame ? last.entries : merge(kept, news.sort(compare), compare);
  return { entries, total, rows, view, place };
}

/** Puts some sorted entries into many. */
function merge(kept: readonly Entry[], news: readonly Entry[], compare: Compare): readonly Entry[] {
  if (kept.length === 0) return news;
  if (news.length > kept.length / MANY) return [...kept, ...news].sort(compare);
  const merged: Entry[] = [];
  let from = 0;
  for (const entry of news) {
    const to = placeOf(entry, kept, from, compare);
    for (let i = from; i < to; i++) merged.push(kept[i]!);
    merged.push(entry);
    from = to;
  }
  for (let i = from; i < kept.length; i++) merged.push(kept[i]!);
  return merged;
}

/** Before which of the sorted entries an entry belongs, not before `from`. */
function placeOf(entry: Entry, sorted: readonly Entry[], from: number, compare: Compare): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle]!, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowComparison({ sorts }: TableView, { order }: TableShape, locale: string): Compare {
  const collator = collatorOf(locale);
  const keySign = order.descending ? -1 : 1;
  return ([keyA, a], [keyB, b]) => {
    for (const { column, descending } of sorts) {
      const difference = compareCells(a[column], b[column], collator, descending ? -1 : 1);
      if (difference !== 0) return difference;
    }
    // "1" and "01" are the same number, and two rows.
    return keySign * (collator.compare(keyA, keyB) || (keyA < keyB ? -1 : 1));
  };
}

/** Numbers before words, and what has no value last, whatever the direction. */
function compareCells(
  a: Cell | undefined,
  b: Cell | undefined,
  collator: Intl.Collator,
  sign: number,
): number {
  const [x, y] = [a ?? "", b ?? ""];
  if (x === "" || y === "") return Number(x === "") - Number(y === "");
  if (typeof x === "number" && typeof y === "number") return sign * (x - y);
  if (typeof x === "number" || typeof y === "number") return sign * (typeof x === "number" ? -1 : 1);
  return sign * collator.compare(String(x), String(y));
}

function collatorOf(locale: string): Intl.Collator {
  const known = collators.get(locale);
  if (known) return known;
  if (collators.size >= MAX_COLLATORS) collators.clear();
  const made = new Intl.Collator(locale, { numeric: true });
  collators.set(locale, made);
  return made;
}
