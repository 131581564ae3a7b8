/** A board: widgets that a viewer picked and arranged. Pure data; it says what to read, never what was read. */

/** The grid that a board is arranged on where there is room; elsewhere its widgets follow each other. */
export const COLUMNS = 12;
export const MAX_HEIGHT = 16;
export const MAX_WIDGETS = 24;
export const MAX_NAME = 60;
/** The most metrics that one chart tells apart. */
export const MAX_METRICS = 7;

export const KINDS = [
  ...(["card", "gauge", "line", "area", "stacked", "bar"] as const),
  ...(["table", "category", "list"] as const),
] as const;
export type WidgetKind = (typeof KINDS)[number];

interface KindSize {
  /** In columns and rows: what a new one has, and the least that can be read. */
  w: number;
  h: number;
  minW: number;
  minH: number;
}

const CHART: KindSize = { w: 6, h: 6, minW: 3, minH: 5 };

export const SIZES: Readonly<Record<WidgetKind, KindSize>> = {
  card: { w: 3, h: 4, minW: 2, minH: 4 },
  gauge: { w: 3, h: 5, minW: 2, minH: 5 },
  line: CHART,
  area: CHART,
  stacked: CHART,
  bar: CHART,
  table: { w: 6, h: 7, minW: 3, minH: 4 },
  category: CHART,
  list: { w: 6, h: 7, minW: 3, minH: 4 },
};

/** Whether a widget is one number, of which two stand side by side on a phone. */
export function isNumber(kind: WidgetKind): boolean {
  return kind === "card" || kind === "gauge";
}

/** Whether a widget shows the page's time range. */
export function isOverTime(kind: WidgetKind): boolean {
  return kind === "line" || kind === "area" || kind === "stacked" || kind === "bar";
}

export interface Widget {
  kind: WidgetKind;
  channel: string;
  /** The metrics of a record, the column of a table for a chart by category; else nothing. */
  of: string[];
  /** Instead of what it would be called. */
  title?: string;
  /** Its first column, and its size in columns and rows. How far down it stands follows from the order. */
  x: number;
  w: number;
  h: number;
}

/** What a widget shows, wherever it stands. */
export type Pick = Omit<Widget, "x" | "w" | "h">;

/** What tells a widget from the others of its board, each of which shows something else. */
export function widgetId({ kind, channel, of }: Omit<Pick, "title">): string {
  return [kind, channel, ...of].join(".");
}

/** A chart of these metrics for a board; `undefined` when none can hold it: of several channels, or too many. */
export function pickOf(
  kind: WidgetKind,
  metrics: readonly { channel: string; metric: string }[],
  title: string,
): Pick | undefined {
  const { channel } = metrics[0]!;
  if (metrics.length > MAX_METRICS || metrics.some((metric) => metric.channel !== channel)) return undefined;
  return { kind, channel, of: metrics.map(({ metric }) => metric), title: pickTitle(title) };
}

/** A title as far as a board keeps it. */
export function pickTitle(title: string): string {
  return title.slice(0, MAX_NAME).trim();
}

export interface Board {
  name: string;
  /** In the order in which they are read, from the top and from the left; no two show the same. */
  widgets: Widget[];
}

export const DEFAULT_NAME = "My board";

/** Tells the server which board a browser shows; sent to no other page. */
export const BOARD_COOKIE = "nowboard-board";
