/**
 * What a chart shows, as plain numbers: fractions of its plot, from the left and from the top. The server's
 * SVG, the browser's canvas and the labels beside them all read the same model, so they agree.
 */

import type { Bucket } from "@/lib/shared/buckets";
import type { MetricRef } from "@/lib/shared/define-channel";
import type { Outage } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import type { Span } from "@/lib/shared/time-range";

/** A time without readings, ms. `to` is `null` while it lasts; `why` it is known to be one. */
export interface Silence {
  from: number;
  to: number | null;
  why?: "outage";
}

/** How long a channel may say nothing before that is a silence, ms. */
export function silenceLimit({ maxAge, cadence }: Pick<MetricRef, "maxAge" | "cadence">): number {
  return Math.max(maxAge, 3 * cadence);
}

/**
 * The silences of a line: longer than `limit` without a reading (all ms), up to `now`. Before the first reading there
 * is nothing to miss, unless that time is known as an outage.
 */
export function silences(
  buckets: readonly Bucket[],
  limit: number,
  { from, to }: Span,
  now: number,
  outages: readonly Outage[] = [],
): Silence[] {
  const found: Silence[] = [];
  const first = buckets[0]?.at ?? Math.min(to, now);
  for (const outage of outages)
    if (outage.from < first && outage.to > from)
      found.push({ from: Math.max(from, outage.from), to: Math.min(first, outage.to), why: "outage" });
  for (const [i, { lastAt }] of buckets.entries()) {
    const next = buckets[i + 1];
    if (next ? next.at - lastAt > limit && next.at > from : Math.min(now, to) - lastAt > limit)
      found.push({
        from: lastAt,
        to: next?.at ?? (to < now ? to : null),
        ...whyOf(outages, lastAt, next?.at ?? now),
      });
  }
  // Those that are shorter than a silence, or hidden in wide buckets.
  const hidden = outages.filter(
    (o) => o.to > from && !found.some((gap) => o.from < (gap.to ?? now) && o.to > gap.from),
  );
  const shown = hidden.map((o): Silence => ({ from: o.from, to: o.to, why: "outage" }));
  return [...found, ...shown].sort((a, b) => a.from - b.from);
}

/** An outage that makes up most of a silence explains it. */
function whyOf(outages: readonly Outage[], from: number, to: number): Pick<Silence, "why"> {
  const out = outages.reduce((sum, o) => sum + Math.max(0, Math.min(to, o.to) - Math.max(from, o.from)), 0);
  return out > (to - from) / 2 ? { why: "outage" } : {};
}

export type Values = (bucket: Bucket) => number;

/** What a line shows of a bucket: a counter its last value, anything else its average. */
export function shownValue({ type }: Pick<MetricRef, "type">): Values {
  return type === "counter" ? ({ last }) => last : ({ sum, count }) => sum / count;
}

/** Does an outage touch what lies between two points of a line (ms)? */
export function isOutBetween(outages: readonly Outage[], before: number | undefined, after: number): boolean {
  return before !== undefined && outages.some(({ from, to }) => from < after && to > before);
}

/** The points of a line, with a break (`null`) in every silence and outage, so that no line crosses one. */
export function linePoints(
  buckets: readonly Bucket[],
  step: number,
  limit: number,
  now: number,
  value: Values,
  outages: readonly Outage[] = [],
): Point[] {
  const points: Point[] = [];
  let lastAt: number | undefined;
  for (const bucket of buckets) {
    const isOut = isOutBetween(outages, points.at(-1)?.[0], bucket.at + step / 2);
    if (lastAt !== undefined && (isOut || bucket.at - lastAt > limit)) points.push([lastAt + 1, null]);
    points.push([Math.min(bucket.at + step / 2, now), value(bucket)]);
    lastAt = bucket.lastAt;
  }
  return points;
}

/** Do buckets hold readings that differ, so that a line of averages hides something? */
export function hasBand(buckets: readonly Bucket[]): boolean {
  return buckets.some(({ min, max }) => max > min);
}

export interface Scale {
  min: number;
  max: number;
  step: number;
  ticks: number[];
}

/** Sizes below this count as zero. */
const SMALLEST = 1e-12;

/** A value axis with two to five round steps. Zero and the largest possible value count where they mean something. */
export function scaleFor(values: Iterable<number>, { min, max }: Pick<MetricRef, "min" | "max">): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [min ?? 0, max ?? (min ?? 0) + 1];
  if (min !== undefined) low = Math.min(min, low);
  // A share of something is read against the whole, unless that would flatten the line.
  if (max !== undefined && high >= max / 4) high = Math.max(max, high);
  // Numbers that differ by less than can be computed with are drawn as one.
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= size * 1e-9 || size < SMALLEST) high = low + (size < SMALLEST ? 1 : size);
  const step = roundStep((high - low) / 3);
  const from = Math.floor(low / step + 1e-9);
  const to = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
  return { min: ticks[0]!, max: ticks.at(-1)!, step, ticks };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/** Where a time lies in a span, 0 at its left edge and 1 at its right one; outside it beyond that. */
export function xOf(ts: number, { from, to }: Span): number {
  return (ts - from) / (to - from);
}

export function yOf(value: number, { min, max }: Scale): number {
  return 1 - (value - min) / (max - min);
}

/** An SVG path in a box of `width` × `height`. A single point between two breaks becomes a dot. */
export function pathOf(
  points: readonly Point[],
  scale: Scale,
  span: Span,
  width: number,
  height: number,
): string {
  let path = "";
  let drawing = false;
  for (const [ts, value] of points) {
    if (value === null) {
      drawing = false;
      continue;
    }
    const place = `${(xOf(ts, span) * width).toFixed(1)} ${(yOf(value, scale) * height).toFixed(1)}`;
    path += drawing ? `L${place}` : `M${place}h0`;
    drawing = true;
  }
  return path;
}

/** An SVG path around the area between two lines of the same times. */
export function bandPath(
  low: readonly Point[],
  high: readonly Point[],
  scale: Scale,
  span: Span,
  width: number,
  height: number,
): string {
  let path = "";
  let start = 0;
  for (let i = 0; i <= low.length; i += 1) {
    if (i < low.length && low[i]![1] !== null) continue;
    const there = pathOf(high.slice(start, i), scale, span, width, height);
    const back = pathOf(low.slice(start, i).reverse(), scale, span, width, height);
    if (there) path += `${there}${back.replace("M", "L").replace("h0", "")}Z`;
    start = i + 1;
  }
  return path;
}

/** The bucket at a time: the one that holds it, or the last before it, unless that is already silent. */
export function bucketAt(buckets: readonly Bucket[], ts: number, limit: number): Bucket | undefined {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (buckets[middle]!.at <= ts) low = middle + 1;
    else high = middle;
  }
  const bucket = buckets[low - 1];
  return bucket && ts - bucket.lastAt <= limit ? bucket : undefined;
}

/** Moves labels apart: places from 0 to 1, at least `gap` between two, each as near to its wish as that allows. */
export function spread(wishes: readonly number[], gap: number): number[] {
  const order = wishes.map((wish, i) => ({ wish, i })).sort((a, b) => a.wish - b.wish || a.i - b.i);
  const places: number[] = [];
  for (const { wish } of order) {
    const before = places.at(-1);
    places.push(before === undefined ? Math.max(0, wish) : Math.max(wish, before + gap));
  }
  for (let i = places.length - 1, limit = 1; i >= 0; i -= 1, limit = places[i + 1]! - gap)
    places[i] = Math.min(places[i]!, limit);
  const result: number[] = [];
  order.forEach(({ i }, place) => {
    result[i] = places[place]!;
  });
  return result;
}

export interface Extremes {
  min: number;
  max: number;
}

/** The lowest and the highest value of the buckets that a line shows, if there is one. */
export function bucketExtremes(
  buckets: readonly Bucket[],
  { type }: Pick<MetricRef, "type">,
): Extremes | undefined {
  let result: Extremes | undefined;
  for (const { min, max, last } of buckets) {
    const [low, high] = type === "counter" ? [last, last] : [min, max];
    if (!result) result = { min: low, max: high };
    if (low < result.min) result.min = low;
    if (high > result.max) result.max = high;
  }
  return result;
}
