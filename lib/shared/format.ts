/**
 * Numbers, times and ages as people read them. Words are English; digits, separators, units and clocks
 * follow the viewer's locale. Pure: the same arguments give the same text on the server and in a browser.
 */

import type { Unit } from "./define-channel";

export interface ValueFormat {
  unit: Unit;
  /** ISO 4217 code, for `currency`. */
  currency?: string;
  /** Digits after the decimal point; by size when left out. */
  digits?: number;
}

export interface FormattedValue {
  /** The number itself, compact from 10,000 on. */
  text: string;
  unit?: string;
  /** The locale writes the unit before the number ("$12"). */
  unitFirst?: boolean;
  /** The whole value with its unit, for a title or a screen reader. */
  exact: string;
}

/** Whose clock and conventions: `timeZone` is `UTC` until the viewer's is known. */
export interface Place {
  locale: string;
  timeZone: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const COMPACT_FROM = 10_000;
const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;
/** What stands for a value that is not there. */
const NO_VALUE = "–";
// `Intl` objects are costly to make. Locales come from requests, so the cache has a bound.
const MAX_CACHED = 300;
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = cache.get(key);
  if (known) return known as T;
  if (cache.size >= MAX_CACHED) cache.clear();
  const made = make();
  cache.set(key, made);
  return made;
}

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${locale}${JSON.stringify(options)}`;
  return cached(key, () => new Intl.NumberFormat(locale, options));
}

/** A format for dates. Locales and time zones come from requests, so how many are kept is bounded. */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(`d${locale}${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options));
}

/** A value with its unit, apart, so that the unit can be set smaller. `null` reads as a dash. */
export function formatValue(
  value: number | null | undefined,
  format: ValueFormat,
  locale: string,
): FormattedValue {
  if (value === null || value === undefined || !Number.isFinite(value))
    return { text: NO_VALUE, exact: "no value" };
  const { number, options, suffix } = scaled(value, format);
  const parts = numberFormat(locale, options).formatToParts(number);
  const isUnit = (part: Intl.NumberFormatPart) => /^(unit|currency|percentSign)$/.test(part.type);
  const unit = parts.find(isUnit)?.value ?? suffix;
  const unitAt = parts.findIndex(isUnit);
  const text = parts
    .filter((part) => !isUnit(part))
    .map((part) => part.value)
    .join("")
    .trim();
  const unitFirst = unitAt >= 0 && unitAt < parts.findIndex((part) => part.type === "integer");
  return {
    text: plainSpaces(text),
    ...(unit === undefined ? {} : { unit }),
    ...(unitFirst ? { unitFirst } : {}),
    exact: exactText(value, format, locale),
  };
}

/** The same on one line: "4.2 %", "$12". */
export function formatInline(value: number | null | undefined, format: ValueFormat, locale: string): string {
  const { text, unit, unitFirst } = formatValue(value, format, locale);
  if (!unit) return text;
  if (unitFirst) return `${unit}${text}`;
  return unit.startsWith("/") ? `${text}${unit}` : `${text}\u00a0${unit}`;
}

/**
 * A short label without trailing zeros: about three figures, or on an axis with steps of `step` as many as tell
 * two labels apart.
 */
export function formatTick(value: number, format: ValueFormat, locale: string, step?: number): string {
  const { number, options, suffix = "" } = scaled(value, { ...format, digits: undefined });
  // Significant digits would win over these.
  const free = {
    minimumFractionDigits: 0,
    minimumSignificantDigits: undefined,
    maximumSignificantDigits: undefined,
  };
  const shown = number * (format.unit === "percent" ? 100 : 1);
  const shownStep = step && (value === 0 ? step : (step * shown) / value);
  const label = numberFormat(locale, {
    ...options,
    ...free,
    maximumFractionDigits: tickDigits(shown, shownStep),
  });
  return `${plainSpaces(label.format(number))}${suffix}`;
}

/** `number` and `step` are in the unit of the label, which is compact from 10,000 on. */
function tickDigits(number: number, step: number | undefined): number {
  const compact = Math.abs(number) >= COMPACT_FROM ? 1000 ** Math.floor(Math.log10(Math.abs(number)) / 3) : 1;
  if (!step) return digitsFor(number / compact);
  const isExact = (digits: number) => {
    const shown = (step / compact) * 10 ** digits;
    return Math.abs(shown - Math.round(shown)) < 1e-6;
  };
  return [0, 1, 2, 3].find(isExact) ?? 4;
}

function scaled(value: number, format: ValueFormat) {
  const size = Math.abs(value);
  const { unit } = format;
  if (unit === "bytes" || unit === "bytesPerSecond") {
    const step = Math.min(BYTES.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3));
    const number = value / 1000 ** step;
    const name = unit === "bytes" ? BYTES[step]! : `${BYTES[step]!}-per-second`;
    const digits = step === 0 ? 0 : (format.digits ?? digitsFor(number));
    return {
      number,
      options: { style: "unit", unit: name, unitDisplay: "narrow", ...fixed(digits) } as const,
    };
  }
  if (unit === "milliseconds") {
    const inSeconds = size >= COMPACT_FROM;
    const number = inSeconds ? value / 1000 : value;
    const digits = inSeconds ? 1 : size >= 1000 ? 0 : (format.digits ?? (size < 10 ? 1 : 0));
    const name = inSeconds ? "second" : "millisecond";
    return {
      number,
      options: { style: "unit", unit: name, unitDisplay: "narrow", ...fixed(digits) } as const,
    };
  }
  if (unit === "percent")
    return { number: value / 100, options: { style: "percent", ...fixed(format.digits ?? 1) } as const };
  const suffix = unit === "perSecond" ? "/s" : undefined;
  const style = unit === "currency" ? currencyStyle(format) : {};
  if (size >= COMPACT_FROM) {
    const three = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
    return { number: value, suffix, options: { ...style, notation: "compact", ...three } as const };
  }
  const digits = format.digits ?? (unit === "perSecond" ? digitsFor(value) : undefined);
  if (digits !== undefined) return { number: value, suffix, options: { ...style, ...fixed(digits) } };
  if (unit === "currency") return { number: value, suffix, options: style };
  return { number: value, suffix, options: { maximumFractionDigits: unit === "count" ? 0 : 2 } };
}

function exactText(value: number, format: ValueFormat, locale: string): string {
  const many = { maximumFractionDigits: 6 };
  const write = (options: Intl.NumberFormatOptions, number = value) =>
    plainSpaces(numberFormat(locale, options).format(number));
  switch (format.unit) {
    case "bytes":
      return write({ style: "unit", unit: "byte", unitDisplay: "long", ...many });
    case "bytesPerSecond":
      return write({ style: "unit", unit: "byte-per-second", unitDisplay: "long", ...many });
    case "milliseconds":
      return write({ style: "unit", unit: "millisecond", unitDisplay: "short", ...many });
    case "percent":
      return write({ style: "percent", ...many }, value / 100);
    case "currency":
      return write(currencyStyle(format));
    case "perSecond":
      return `${write(many)}/s`;
    default:
      return write(many);
  }
}

function currencyStyle({ currency }: ValueFormat) {
  return { style: "currency", currency: currency ?? "EUR", currencyDisplay: "narrowSymbol" } as const;
}

function fixed(digits: number) {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/** About three figures, so that a number keeps its width while it moves. */
function digitsFor(number: number): number {
  const size = Math.abs(number);
  if (size === 0 || size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}

/** Browsers and Node differ in which space they write; none of them may break a line. */
function plainSpaces(text: string): string {
  return text.replace(/\s/g, "\u00a0");
}

/**
 * A time of day with seconds, in the viewer's zone; "UTC" is said when that is the zone. With `now`, a time
 * more than 12 hours away gets its date.
 */
export function formatTime(ms: number, { locale, timeZone }: Place, now = ms): string {
  const dated = Math.abs(now - ms) > 12 * HOUR;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone } as const;
  const format = dateFormat(locale, dated ? { day: "numeric", month: "short", ...clock } : clock);
  return `${plainSpaces(format.format(ms))}${timeZone === "UTC" ? "\u00a0UTC" : ""}`;
}

/** A length of time in its largest unit, rounded down: "41 s", "2 min", "3 h", "5 d". */
export function formatAge(ms: number): string {
  const [size, name] =
    ms < MINUTE ? [1000, "s"] : ms < HOUR ? [MINUTE, "min"] : ms < DAY ? [HOUR, "h"] : [DAY, "d"];
  return `${Math.floor(Math.max(0, ms) / Number(size))}\u00a0${name}`;
}

export interface FormattedChange {
  direction: "up" | "down" | "flat";
  /** The size of the change without a sign: "4.2 %", or "1.5 pts" between two percentages. */
  text: string;
}

/** How a value differs from an earlier one; `undefined` when either is missing. */
export function formatChange(
  value: number | null | undefined,
  before: number | null | undefined,
  format: ValueFormat,
  locale: string,
): FormattedChange | undefined {
  if (typeof value !== "number" || typeof before !== "number") return undefined;
  const difference = value - before;
  const size = Math.abs(difference);
  const oneDigit = (number: number) => numberFormat(locale, fixed(number >= 100 ? 0 : 1)).format(number);
  if (format.unit === "percent") return change(difference, size >= 0.05, `${oneDigit(size)}\u00a0pts`);
  if (before === 0) return change(difference, size > 0, formatInline(size, format, locale));
  const share = (size / Math.abs(before)) * 100;
  return change(
    difference,
    share >= 0.05,
    `${share > 999 ? `>\u00a0${oneDigit(999)}` : oneDigit(share)}\u00a0%`,
  );
}

function change(difference: number, counts: boolean, text: string): FormattedChange {
  return { direction: !counts ? "flat" : difference > 0 ? "up" : "down", text };
}
