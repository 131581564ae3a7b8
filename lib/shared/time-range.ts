/**
 * What a page shows of the past. It lives in the page's URL as instants, so that a link shows the same to everybody,
 * each in their own time zone (A5).
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The live windows: their names in the URL, their widths in ms, and what people call them. */
export const WINDOWS = [
  { name: "1m", ms: MINUTE, title: "1 minute" },
  { name: "5m", ms: 5 * MINUTE, title: "5 minutes" },
  { name: "15m", ms: 15 * MINUTE, title: "15 minutes" },
  { name: "1h", ms: HOUR, title: "1 hour" },
  { name: "6h", ms: 6 * HOUR, title: "6 hours" },
  { name: "24h", ms: DAY, title: "24 hours" },
  { name: "7d", ms: 7 * DAY, title: "7 days" },
  { name: "30d", ms: 30 * DAY, title: "30 days" },
] as const satisfies readonly { name: string; ms: number; title: string }[];

export type LiveWindow = (typeof WINDOWS)[number];

const DEFAULT_WINDOW: LiveWindow = WINDOWS[1];

/** From when to when, ms. */
export interface Span {
  from: number;
  to: number;
}

/** A chart of less shows nothing that its neighbour does not. */
export const MIN_SPAN_MS = 5 * SECOND;
export const MAX_SPAN_MS = 731 * DAY;

/** What is drawn beside the range: the same length just before it, or the same time a week earlier. */
export type Compare = "previous" | "week";

export interface TimeRange {
  /** The window that slides, or the one to go back to from `fixed`. */
  window: LiveWindow;
  /** Set: the page stands still and shows this. */
  fixed?: Span;
  compare?: Compare;
  /** Times are shown in UTC instead of the viewer's zone. */
  utc: boolean;
}

export const DEFAULT_RANGE: TimeRange = { window: DEFAULT_WINDOW, utc: false };
const NAMES = ["window", "from", "to", "compare", "tz"] as const;

/** Reads a range from a page's query; whatever is no range is left out, so that a broken link still shows a page. */
export function parseRange(query: Pick<URLSearchParams, "get">): TimeRange {
  const window = WINDOWS.find(({ name }) => name === query.get("window")) ?? DEFAULT_WINDOW;
  const fixed = spanOf(instant(query.get("from")), instant(query.get("to")));
  const compare = query.get("compare");
  return {
    window,
    ...(fixed && { fixed }),
    ...((compare === "previous" || compare === "week") && { compare }),
    utc: query.get("tz") === "utc",
  };
}

/** The query with the range in it; what is the default is left out. Other parameters stay. */
export function writeRange(query: URLSearchParams, { window, fixed, compare, utc }: TimeRange) {
  const next = new URLSearchParams(query);
  for (const name of NAMES) next.delete(name);
  if (window.name !== DEFAULT_WINDOW.name) next.set("window", window.name);
  if (fixed) {
    next.set("from", new Date(fixed.from).toISOString());
    next.set("to", new Date(fixed.to).toISOString());
  }
  if (compare) next.set("compare", compare);
  if (utc) next.set("tz", "utc");
  return next;
}

/** The part of a query that says what is shown of the past, to be carried to another page: "" or "?…". */
export function rangeQuery(query: Pick<URLSearchParams, "get">): string {
  const text = writeRange(new URLSearchParams(), parseRange(query)).toString();
  return text === "" ? "" : `?${text}`;
}

/** The span on the screen when it is `now` (ms). */
export function spanAt({ window, fixed }: TimeRange, now: number): Span {
  return fixed ?? { from: now - window.ms, to: now };
}

/** How long the shown span is, ms. */
export function widthOf({ window, fixed }: TimeRange): number {
  return fixed ? fixed.to - fixed.from : window.ms;
}

/** How much earlier that lies with which the range is compared, ms. */
export function compareShift(range: TimeRange): number | undefined {
  if (!range.compare) return undefined;
  // A week is seven days of 24 hours: the same time on the axis, which clock changes do not move.
  return range.compare === "week" ? 7 * DAY : widthOf(range);
}

/** From two instants (ms) a span that can be shown, if it is one. */
export function spanOf(from: number | undefined, to: number | undefined): Span | undefined {
  if (from === undefined || to === undefined || from < 0) return undefined;
  return to - from >= MIN_SPAN_MS && to - from <= MAX_SPAN_MS ? { from, to } : undefined;
}

/** A span of at least the least width around its middle, in whole ms. */
export function widened({ from, to }: Span): Span {
  const lack = Math.max(0, MIN_SPAN_MS - (to - from)) / 2;
  return { from: Math.floor(from - lack), to: Math.ceil(to + lack) };
}

export function withoutFixed({ fixed: _, ...rest }: TimeRange): TimeRange {
  return rest;
}

/** ISO 8601 with a zone: an instant, whatever the reader's zone. */
function instant(text: string | null): number | undefined {
  if (!text || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text))
    return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
