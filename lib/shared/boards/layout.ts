/**
 * Where a board's widgets stand. Each falls up until it touches one of those before it, so a board is an order and,
 * for each widget, columns and a size: no two can overlap, whatever a link says. Pure.
 */
import { COLUMNS, isNumber, MAX_HEIGHT, type Pick, SIZES, type Widget } from "./board";

export type Placed = Widget & { y: number };

type Columns = { x: number; w: number };

function shareColumns(a: Columns, b: Columns): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w;
}

/** The rows at which widgets stand, in their order. */
export function settle(widgets: readonly Widget[]): Placed[] {
  const placed: Placed[] = [];
  for (const widget of widgets) placed.push({ ...widget, y: floorOf(placed, widget) });
  return placed;
}

function floorOf(placed: readonly Placed[], columns: Columns): number {
  return Math.max(0, ...placed.filter((one) => shareColumns(one, columns)).map(({ y, h }) => y + h));
}

/** The same widgets in the order in which they are read: from the top, then from the left. They stand where they stood. */
export function inReadingOrder(widgets: readonly Widget[]): Widget[] {
  const placed = settle(widgets).map((widget, i) => ({ y: widget.y, x: widget.x, of: widgets[i]! }));
  return placed.sort((a, b) => a.y - b.y || a.x - b.x).map(({ of }) => of);
}

const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value));

/** Puts a new widget where it stands highest, as far left as that allows. */
export function added(widgets: readonly Widget[], pick: Pick): Widget[] {
  const { w, h } = SIZES[pick.kind];
  const placed = settle(widgets);
  let best = { x: 0, y: Number.POSITIVE_INFINITY };
  for (let x = 0; x + w <= COLUMNS; x++) {
    const y = floorOf(placed, { x, w });
    if (y < best.y) best = { x, y };
  }
  return inReadingOrder([...widgets, { ...pick, x: best.x, w, h }]);
}

/** Puts the widget at `index` as near to a place (columns and rows) as the others let it; they make room. */
export function moved(widgets: readonly Widget[], index: number, x: number, y: number): Widget[] {
  const widget = widgets[index]!;
  const one = { ...widget, x: clamp(Math.round(x), 0, COLUMNS - widget.w) };
  const others = widgets.toSpliced(index, 1);
  // It comes after those in its columns whose middle it has passed.
  const before = settle(others).findLastIndex(
    (other) => shareColumns(other, one) && other.y + other.h / 2 <= y,
  );
  return inReadingOrder(others.toSpliced(before + 1, 0, one));
}

/** Moves the widget at `index` past the nearest one below it (`1`) or above it (`-1`); the same list when there is none. */
export function stepped(widgets: readonly Widget[], index: number, direction: 1 | -1): readonly Widget[] {
  const widget = widgets[index]!;
  const { y } = settle(widgets)[index]!;
  const others = widgets.toSpliced(index, 1);
  for (let at = index + direction; at >= 0 && at <= others.length; at += direction) {
    const next = others.toSpliced(at, 0, widget);
    if (Math.sign(settle(next)[at]!.y - y) === direction) return inReadingOrder(next);
  }
  return widgets;
}

/**
 * Exchanges the widget at `index` with the one that is read before (`-1`) or after it (`1`): what moving up or down
 * means where all stand below each other.
 */
export function swapped(widgets: readonly Widget[], index: number, direction: 1 | -1): readonly Widget[] {
  const [first, second] = direction === 1 ? [index, index + 1] : [index - 1, index];
  const [a, b] = [widgets[first], widgets[second]];
  if (!a || !b) return widgets;
  const exchanged = (one: Widget, other: Widget) =>
    inReadingOrder(widgets.with(first, one).with(second, other));
  if (shareColumns(a, b)) return exchanged(b, a);
  const sides = changeSides(a, b);
  const next = exchanged(sides.b, sides.a);
  // On its new side one may rise past others; then it goes below instead.
  return next.indexOf(sides.b) < next.indexOf(sides.a)
    ? next
    : exchanged(b, { ...a, x: Math.min(b.x, COLUMNS - a.w) });
}

/** Two side by side on each other's side; together they take the same columns. */
function changeSides(a: Widget, b: Widget): { a: Widget; b: Widget } {
  const left = Math.min(a.x, b.x);
  const right = Math.max(a.x + a.w, b.x + b.w);
  return a.x < b.x
    ? { a: { ...a, x: right - a.w }, b: { ...b, x: left } }
    : { a: { ...a, x: left }, b: { ...b, x: right - b.w } };
}

/** Gives the widget at `index` another size, as far as its kind and the board allow. */
export function resized(widgets: readonly Widget[], index: number, w: number, h: number): Widget[] {
  const widget = widgets[index]!;
  const { minW, minH } = SIZES[widget.kind];
  const size = {
    w: clamp(Math.round(w), minW, COLUMNS - widget.x),
    h: clamp(Math.round(h), minH, MAX_HEIGHT),
  };
  return inReadingOrder(widgets.with(index, { ...widget, ...size }));
}

/**
 * How many of `columns` each widget takes where they follow each other line by line: numbers one, the others half of
 * the columns or all of them. The last one of a line takes what is left of it.
 */
export function flowSpans(widgets: readonly Widget[], columns: 2 | 4): number[] {
  const spans: number[] = [];
  let free: number = columns;
  for (const { kind, w } of widgets) {
    const wanted = isNumber(kind) ? 1 : columns === 4 && w <= COLUMNS / 2 ? 2 : columns;
    if (wanted > free) {
      spans[spans.length - 1]! += free;
      free = columns;
    }
    spans.push(wanted);
    free = free === wanted ? columns : free - wanted;
  }
  if (free < columns) spans[spans.length - 1]! += free;
  return spans;
}
