import { dateFormat, type Place } from "@/lib/shared/format";
import type { Compare, Span, TimeRange } from "@/lib/shared/time-range";

const DAY = 24 * 60 * 60_000;

/** The two edges of a span as people say them: the day once when both are on it. */
export function spanText({ from, to }: Span, { locale, timeZone }: Place): string {
  const seconds = to - from < 60 * 60_000;
  const format = dateFormat(locale, {
    day: "numeric",
    month: "short",
    ...(to - from > 300 * DAY && { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
    timeZone,
  });
  return `${format.formatRange(from, to)}${timeZone === "UTC" ? " UTC" : ""}`.replace(/\u2009/g, " ");
}

/** "Last 5 minutes", or the span that stands still. */
export function rangeText(range: TimeRange, place: Place): string {
  return range.fixed
    ? spanText(range.fixed, place)
    : `Last ${range.window.title}`.replace("Last 1 ", "Last ");
}

export const COMPARE_WORDS: Record<Compare, string> = {
  previous: "the time before",
  week: "a week earlier",
};
