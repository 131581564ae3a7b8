import type { ColumnOptions, FeedRef, Row, TableRef } from "@/lib/shared/define-channel";
import type { FeedItem } from "@/lib/shared/state";

/** A row of a table by its key. */
export type Entry = readonly [key: string, row: Row];

export interface Sort {
  column: string;
  descending: boolean;
}

/** What a table of rows is made of, whether they are a table channel's or a feed's. */
export interface TableShape {
  channel: string;
  columns: Readonly<Record<string, ColumnOptions>>;
  /** The columns that are shown unless the viewer chooses others, in this order. */
  shown: readonly string[];
  /** Those of them that are shown on a phone, where four fit. */
  onPhone: readonly string[];
  /** The column that stays in sight when the others scroll. */
  key: string;
  /** The column by whose value people call a row. */
  name: string;
  /** How rows are ordered unless the viewer chooses; what else is equal follows it by the rows' keys. */
  order: Sort;
  /** How many letters more a column's cells need, for what they show beside their text. */
  room?: Readonly<Record<string, number>>;
}

/** A column for the time of a feed's item. No field has this name: producers give the time by it. */
const TIME = "ts";

/** What a table may have otherwise than its channel says. */
export type TableLook = Partial<Pick<TableShape, "name" | "order" | "room">>;

export function shapeOfTable(
  table: TableRef,
  shown: readonly string[] = Object.keys(table.columns),
  onPhone = shown,
  { name = table.key, order, room }: TableLook = {},
): TableShape {
  const { channel, columns } = table;
  return {
    channel,
    columns,
    shown,
    onPhone,
    key: name,
    name,
    order: order ?? { column: name, descending: false },
    room,
  };
}

/** Newest first, with a column for the time. */
export function shapeOfFeed(feed: FeedRef, onPhone?: readonly string[]): TableShape {
  const columns = { [TIME]: { title: "Time", type: "time" as const }, ...feed.fields };
  const shown = Object.keys(columns);
  return {
    channel: feed.channel,
    columns,
    shown,
    onPhone: onPhone ? [TIME, ...onPhone] : shown,
    key: TIME,
    name: Object.keys(feed.fields)[0]!,
    order: { column: TIME, descending: true },
  };
}

const rowsOfItems = new WeakMap<FeedItem, Row>();

/** A feed's items as rows by key; an item's row is the same object each time. */
export function rowsOfFeed(items: readonly FeedItem[]): Record<string, Row> {
  const rows: Record<string, Row> = {};
  for (const entry of items) {
    const row = rowsOfItems.get(entry) ?? { ...entry.item, [TIME]: entry.ts };
    rowsOfItems.set(entry, row);
    rows[entry.key] = row;
  }
  return rows;
}
