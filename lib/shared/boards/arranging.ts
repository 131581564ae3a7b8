/** Changes of one widget's place on a board, and how they are told to people who do not see them. Pure. */
import { COLUMNS, MAX_WIDGETS, type Widget, widgetId } from "./board";
import { moved, resized, settle, stepped, swapped } from "./layout";

export type ArrowKey = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export function isArrow(key: string): key is ArrowKey {
  return /^Arrow(Left|Right|Up|Down)$/.test(key);
}

/** A change of the widget with this id; the same list when it is not there. */
function changeOf(
  id: string,
  change: (widgets: readonly Widget[], index: number) => readonly Widget[],
): (widgets: readonly Widget[]) => readonly Widget[] {
  return (widgets) => {
    const index = widgets.findIndex((widget) => widgetId(widget) === id);
    return index < 0 ? widgets : change(widgets, index);
  };
}

/** Moves a widget: a column to the side, or past the next one above or below. */
export function movedByKey(id: string, key: ArrowKey) {
  return changeOf(id, (widgets, index) => {
    if (key === "ArrowUp" || key === "ArrowDown")
      return stepped(widgets, index, key === "ArrowDown" ? 1 : -1);
    const { x, y } = settle(widgets)[index]!;
    return moved(widgets, index, x + (key === "ArrowRight" ? 1 : -1), y);
  });
}

/** Makes a widget a column wider or narrower, a row higher or lower. */
export function resizedByKey(id: string, key: ArrowKey) {
  return changeOf(id, (widgets, index) => {
    const { w, h } = widgets[index]!;
    const by = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    return key === "ArrowLeft" || key === "ArrowRight"
      ? resized(widgets, index, w + by, h)
      : resized(widgets, index, w, h + by);
  });
}

/** Exchanges a widget with the one that is read before or after it. */
export function swappedWith(id: string, direction: 1 | -1) {
  return changeOf(id, (widgets, index) => swapped(widgets, index, direction));
}

export function without(id: string) {
  return changeOf(id, (widgets, index) => widgets.toSpliced(index, 1));
}

/** Puts a widget back where it was in the order, unless it is there again or there is no room. */
export function putBack(widget: Widget, index: number) {
  return (widgets: readonly Widget[]): readonly Widget[] => {
    const isThere = widgets.some((one) => widgetId(one) === widgetId(widget));
    return isThere || widgets.length >= MAX_WIDGETS ? widgets : widgets.toSpliced(index, 0, widget);
  };
}

/** "Place 3 of 8: row 5, column 4, 6 columns wide, 5 rows high." */
export function placeWords(widgets: readonly Widget[], id: string): string {
  const placed = settle(widgets);
  const index = placed.findIndex((widget) => widgetId(widget) === id);
  const widget = placed[index];
  if (!widget) return "";
  const { x, y, w, h } = widget;
  const columns = w === COLUMNS ? "as wide as the board" : `${w} columns wide`;
  return `Place ${index + 1} of ${placed.length}: row ${y + 1}, column ${x + 1}, ${columns}, ${h} rows high.`;
}
