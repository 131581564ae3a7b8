/**
 * What a chart shows, as plain numbers: fractions of its plot, from the left and from the top. The server's
 * SVG, the browser's canvas and the labels beside them all read the same model, so they agree.
 */

import type { MetricRef } from "@/lib/shared/define-channel";
import type { Point } from "@/lib/shared/protocol";

/** The width of every time axis, ms. */
export const WINDOW_MS = 5 * 60_000;

/** A time without readings, ms. `to` is `null` while it lasts. */
export interface Silence {
  from: number;
  to: number | null;
}

/** How long a channel may say nothing before that is a silence, ms. */
export function silenceLimit({ maxAge, cadence }: Pick<MetricRef, "maxAge" | "cadence">): number {
  return Math.max(maxAge, 3 * cadence);
}

/** The silences within the window that ends at `now`. Before the first reading there is nothing to miss. */
export function silences(points: readonly Point[], limit: number, now: number): Silence[] {
  const found: Silence[] = [];
  let last: number | undefined;
  for (const [ts, value] of points) {
    if (value === null) continue;
    if (last !== undefined && ts - last > limit && ts > now - WINDOW_MS) found.push({ from: last, to: ts });
    last = ts;
  }
  if (last !== undefined && now - last > limit) found.push({ from: last, to: null });
  return found;
}

/**
 * The points to draw: those in the window, the one before it from which the line enters, and a break (`null`)
 * in every silence, so that no line crosses one.
 */
export function drawnPoints(points: readonly Point[], limit: number, now: number): Point[] {
  const start = now - WINDOW_MS;
  let first = points.findIndex(([ts]) => ts >= start);
  if (first < 0) first = points.length;
  const entering = points[first - 1];
  const next = points[first];
  const enters = entering && (!next || next[0] - entering[0] <= limit);
  const drawn: Point[] = [];
  for (const point of points.slice(enters ? first - 1 : first)) {
    if (point[0] > now) break;
    const before = drawn.at(-1);
    if (before && point[0] - before[0] > limit) drawn.push([before[0] + 1, null]);
    drawn.push(point);
  }
  return drawn;
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

/** Where a time lies in the window, 0 at its left edge and 1 at its right one; outside it beyond that. */
export function xOf(ts: number, now: number): number {
  return 1 + (ts - now) / WINDOW_MS;
}

export function yOf(value: number, { min, max }: Scale): number {
  return 1 - (value - min) / (max - min);
}

/** An SVG path in a box of `width` × `height`. A single point between two breaks becomes a dot. */
export function pathOf(
  points: readonly Point[],
  scale: Scale,
  now: number,
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
    const place = `${(xOf(ts, now) * width).toFixed(1)} ${(yOf(value, scale) * height).toFixed(1)}`;
    path += drawing ? `L${place}` : `M${place}h0`;
    drawing = true;
  }
  return path;
}

/** The reading at a time: the last one at or before it, unless that is already silent. */
export function readingAt(points: readonly Point[], ts: number, limit: number): number | null {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]![0] <= ts) low = middle + 1;
    else high = middle;
  }
  const point = points[low - 1];
  return point && ts - point[0] <= limit ? point[1] : null;
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

/** The lowest and the highest value of the drawn points, if there is one. */
export function extremes(points: readonly Point[]): Extremes | undefined {
  let result: Extremes | undefined;
  for (const [, value] of points) {
    if (value === null) continue;
    if (!result) result = { min: value, max: value };
    else if (value < result.min) result.min = value;
    else if (value > result.max) result.max = value;
  }
  return result;
}
