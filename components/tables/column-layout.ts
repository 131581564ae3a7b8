import type { ColumnOptions } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { cellText } from "./cell-text";
import type { Entry, TableShape } from "./table-shape";
import type { TableView } from "./table-view";

/** How wide the letters are that a cell and a head are set in, px; a digit of a column of numbers is wider. */
const LETTER = 7.6;
const DIGIT = 8.6;
const HEAD_LETTER = 6.6;
/** The arrow of a sorted column, and the space beside it. */
const ARROW = 16;
/** The least and the most that a column's text gets, px; the rest of a longer one is in the row's details. */
const MIN = 36;
const MAX = 220;
/** The first rows stand for all: to format thousands would take longer than it is worth. */
const SAMPLE = 100;

export interface PlacedColumn {
  name: string;
  column: ColumnOptions;
  /** A CSS length. The cells' padding is `--cell` on both sides. */
  width: string;
  /** How far from the left edge it stays, a CSS length; `undefined`: it scrolls. */
  left?: string;
  /** The last of those that stay. */
  isEdge: boolean;
  /** Left out on a phone unless it was asked for. */
  isOnPhone: boolean;
}

/**
 * How wide each column wants to be, px without padding. Rows come and go while people read, so the widths do not
 * follow from the rows that happen to be on the screen.
 */
export function columnWidths(
  shape: TableShape,
  names: readonly string[],
  entries: readonly Entry[],
  place: Place,
): Record<string, number> {
  const sample = entries.slice(0, SAMPLE);
  const widths = names.map((name) => {
    const column = shape.columns[name]!;
    const longest = sample.reduce((length, [, row]) => {
      // With the date, which a time gets when it is long ago.
      const text = cellText(row[name], column, place, 0);
      return Math.max(length, text.length);
    }, 0);
    const head = Math.max(...column.title.split(" ").map((word) => word.length)) * HEAD_LETTER + ARROW;
    const cell = longest * (column.type === "text" ? LETTER : DIGIT);
    return [name, Math.round(Math.min(MAX, Math.max(MIN, head, cell)))] as const;
  });
  return Object.fromEntries(widths);
}

/** The shown columns from left to right: those that stay in sight first. */
export function placeColumns(
  shape: TableShape,
  { columns, pinned }: Pick<TableView, "columns" | "pinned">,
  widths: Readonly<Record<string, number>>,
): PlacedColumn[] {
  const shown = columns ?? shape.shown;
  const staying = pinned.filter((name) => shown.includes(name));
  const names = [...staying, ...shown.filter((name) => !staying.includes(name))];
  let before = 0;
  return names.map((name, i) => {
    const width = widths[name] ?? MIN;
    const isStaying = i < staying.length;
    const left = isStaying ? `calc(${before}px + ${2 * i} * var(--cell))` : undefined;
    before += width;
    return {
      name,
      column: shape.columns[name]!,
      width: `calc(${width}px + 2 * var(--cell))`,
      ...(left && { left }),
      isEdge: i === staying.length - 1,
      isOnPhone: columns !== undefined || shape.onPhone.includes(name),
    };
  });
}
