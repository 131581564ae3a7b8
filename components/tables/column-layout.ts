import type { ColumnOptions, Row, Unit } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { cellText } from "./cell-text";
import type { TableShape } from "./table-shape";
import type { TableView } from "./table-view";

/** How wide the letters are that a cell and a head are set in, px; the digits of numbers are all equally wide. */
const LETTER = 8;
const DIGIT = 8.8;
const HEAD_LETTER = 6.6;
/** A short text may be of wide letters only, px. */
const SPARE = 6;
/** The least and the most that a column's text gets, px; the rest of a longer one is in the row's details. */
const MIN = 36;
const MAX = 220;
/** On a phone a long text leaves room for others. */
const MAX_ON_PHONE = "30vw";
/** The first rows stand for all: to format thousands would take longer than it is worth. */
const SAMPLE = 100;

/** Numbers that a column has room for from the start, where these are not 9,999. */
const USUAL: Partial<Record<Unit, number>> = {
  percent: -100,
  bytes: 12_300,
  bytesPerSecond: 12_300,
  milliseconds: 999,
};

export interface PlacedColumn {
  name: string;
  column: ColumnOptions;
  /** A CSS length with the cells' padding, which is `--cell`, and `--edge` at the edges of the table. */
  width: string;
  /** How far from the left edge it stays, a CSS length; `undefined`: it scrolls. */
  left?: string;
  /** The last of those that stay. */
  isEdge: boolean;
  /** Left out on a phone unless it was asked for. */
  isOnPhone: boolean;
}

/** column → the letters of its longest cell. */
export type ColumnLengths = Readonly<Record<string, number>>;

/**
 * How long the cells of each column are, or have been: rows come and go while people read, so a column may grow but
 * never shrinks. Gives `before` itself when none has grown. `now` as for a cell's text.
 */
export function columnLengths(
  shape: TableShape,
  rows: Readonly<Record<string, Row>>,
  place: Place,
  now: number | undefined,
  before?: ColumnLengths,
): ColumnLengths {
  const sample: Row[] = [];
  for (const key in rows) if (sample.push(rows[key]!) >= SAMPLE) break;
  const lengths = Object.entries(shape.columns).map(([name, column]) => {
    const known = before?.[name] ?? usualText(column, place).length;
    const room = shape.room?.[name] ?? 0;
    const letters = sample.map((row) => cellText(row[name], column, place, now).length + room);
    return [name, Math.max(known, ...letters)];
  });
  const next: ColumnLengths = Object.fromEntries(lengths);
  return before && Object.keys(next).every((name) => next[name] === before[name]) ? before : next;
}

/** Room for numbers to grow before the widths are looked at again. */
function usualText(column: ColumnOptions, place: Place): string {
  if (column.type !== "number") return "";
  return cellText(USUAL[column.unit ?? "none"] ?? 9_999, column, place);
}

/** A CSS length without padding. A sorted column's arrow needs `--arrow`. */
function widthOf({ title, type }: ColumnOptions, length: number): string {
  const cell = Math.min(MAX, type === "text" ? length * LETTER + SPARE : length * DIGIT);
  const head = Math.max(...title.split(" ").map((word) => word.length)) * HEAD_LETTER;
  const text = type === "text" ? `min(${Math.round(cell)}px, ${MAX_ON_PHONE})` : `${Math.round(cell)}px`;
  return `max(${MIN}px, ${Math.round(head)}px + var(--arrow), ${text})`;
}

/** The shown columns from left to right: those that stay in sight first. */
export function placeColumns(
  shape: TableShape,
  { columns, pinned }: Pick<TableView, "columns" | "pinned">,
  lengths: ColumnLengths,
): PlacedColumn[] {
  const shown = columns ?? shape.shown;
  const staying = pinned.filter((name) => shown.includes(name));
  const names = [...staying, ...shown.filter((name) => !staying.includes(name))];
  const before: string[] = [];
  return names.map((name, i) => {
    const padding = [i === 0, i === names.length - 1].map((isEnd) => (isEnd ? "var(--edge)" : "var(--cell)"));
    const column = shape.columns[name]!;
    const parts = [widthOf(column, lengths[name] ?? 0), ...padding];
    const left = i < staying.length ? `calc(${["0px", ...before].join(" + ")})` : undefined;
    before.push(...parts);
    return {
      name,
      column,
      width: `calc(${parts.join(" + ")})`,
      ...(left && { left }),
      isEdge: i === staying.length - 1,
      isOnPhone: columns !== undefined || shape.onPhone.includes(name),
    };
  });
}
