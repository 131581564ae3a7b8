/** Where a time axis has labels, and what they say. Pure: the viewer's zone comes in (A5). */

import { dateFormat, type Place } from "@/lib/shared/format";
import type { LiveWindow, Span } from "@/lib/shared/time-range";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface TimeTick {
  /** From the left edge, 0 to 1. */
  place: number;
  label: string;
}

/** How far apart the labels of a live window are, ms. */
const APART: Record<LiveWindow["name"], number> = {
  "1m": 15 * SECOND,
  "5m": MINUTE,
  "15m": 5 * MINUTE,
  "1h": 15 * MINUTE,
  "6h": 2 * HOUR,
  "24h": 6 * HOUR,
  "7d": DAY,
  "30d": 10 * DAY,
};

/** Labels that stand still while time slides under them: "−5 min", …, "now". */
export function liveTicks({ name, ms }: LiveWindow): TimeTick[] {
  const apart = APART[name];
  return Array.from({ length: Math.round(ms / apart) + 1 }, (_, i) => {
    const ago = ms - i * apart;
    return { place: 1 - ago / ms, label: ago === 0 ? "now" : agoText(ago, ms) };
  });
}

/** In one unit along an axis, so that its labels can be compared. */
function agoText(ago: number, window: number): string {
  const [unit, name] =
    window <= MINUTE
      ? [SECOND, "s"]
      : window <= HOUR
        ? [MINUTE, "min"]
        : window <= DAY
          ? [HOUR, "h"]
          : [DAY, "d"];
  return `\u2212${ago / Number(unit)}\u00a0${name}`;
}

/** Steps that people read a clock and a calendar in, ms. All zones differ by whole quarters of an hour. */
const CLOCK_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
];
const DAY_STEPS = [1, 2, 7, 14, 31, 62, 124, 366];

/**
 * Ticks at round times of the viewer's clock, at most `most`. When clocks change, each label is still one instant: an
 * hour that comes twice has two labels that say which, and one that is left out has none.
 */
export function clockTicks({ from, to }: Span, place: Place, most = 6): TimeTick[] {
  const step = CLOCK_STEPS.find((one) => (to - from) / one <= most);
  const at =
    step === undefined
      ? dayStarts(from, to, daysApart(from, to, most), place)
      : roundTimes(from, to, step, place);
  const offsets = new Set(at.map((ms) => offsetOf(ms, place.timeZone)));
  const dated = step === undefined;
  const seconds = step !== undefined && step < MINUTE;
  return at.map((ms) => ({
    place: (ms - from) / (to - from),
    label: dated
      ? dayFormat(place).format(ms)
      : isMidnight(ms, place) && to - from > 12 * HOUR
        ? dayFormat(place).format(ms)
        : clockText(ms, place, seconds, offsets.size > 1),
  }));
}

/** When the viewer's clock shows a multiple of `step` (ms), which divides a day. */
export function roundTimes(from: number, to: number, step: number, { timeZone }: Place): number[] {
  const found: number[] = [];
  // An offset holds for at least a quarter of an hour, so within one the local clock runs evenly.
  const stride = Math.min(step, 15 * MINUTE);
  for (let at = Math.ceil(from / stride) * stride; at <= to; at += stride)
    if ((at + offsetOf(at, timeZone)) % step === 0) found.push(at);
  return found;
}

function daysApart(from: number, to: number, most: number): number {
  const days = (to - from) / DAY;
  return DAY_STEPS.find((step) => days / step <= most) ?? 366;
}

/** The first instants of local days, every so many days. */
export function dayStarts(from: number, to: number, every: number, { timeZone }: Place): number[] {
  const found: number[] = [];
  const firstDay = Math.floor((from + offsetOf(from, timeZone)) / DAY);
  for (let day = Math.ceil(firstDay / every) * every; ; day += every) {
    const at = startOfDay(day, timeZone);
    if (at > to) return found;
    if (at >= from) found.push(at);
  }
}

/** When the local day of this number (since 1970) begins: at midnight, or after it where clocks skip it. */
function startOfDay(day: number, timeZone: string): number {
  const wall = day * DAY;
  const guesses = [wall - offsetOf(wall - DAY / 2, timeZone), wall - offsetOf(wall + DAY / 2, timeZone)];
  const starts = guesses.filter((at) => Math.floor((at + offsetOf(at, timeZone)) / DAY) === day);
  return Math.min(...(starts.length > 0 ? starts : guesses));
}

function isMidnight(ms: number, { timeZone }: Place): boolean {
  return (ms + offsetOf(ms, timeZone)) % DAY === 0;
}

function clockText(ms: number, { locale, timeZone }: Place, seconds: boolean, named: boolean): string {
  const options: Intl.DateTimeFormatOptions = {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
    ...(named && { timeZoneName: "shortOffset" }),
    timeZone,
  };
  return dateFormat(locale, options).format(ms).replace(/\s/g, "\u00a0");
}

function dayFormat({ locale, timeZone }: Place): Intl.DateTimeFormat {
  return dateFormat(locale, { day: "numeric", month: "short", timeZone });
}

/** How far a zone's clock is ahead of UTC, ms. */
export function offsetOf(ms: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const parts = dateFormat("en-US", {
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    timeZone,
  }).formatToParts(ms);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return wall - Math.floor(ms / SECOND) * SECOND;
}
