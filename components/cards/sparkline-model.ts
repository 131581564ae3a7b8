/** The last minutes of a metric as single points: what a card's sparkline and its change are made of. */
import type { Extremes } from "@/components/charts/chart-model";
import type { Point } from "@/lib/shared/protocol";
import type { Span } from "@/lib/shared/time-range";

/** How far back a sparkline looks, ms. */
export const SPARK_MS = 5 * 60_000;

/**
 * The points to draw: those in the window, the one before it from which the line enters, and a break (`null`)
 * in every silence, so that no line crosses one.
 */
export function drawnPoints(points: readonly Point[], limit: number, { from, to }: Span): Point[] {
  let first = points.findIndex(([ts]) => ts >= from);
  if (first < 0) first = points.length;
  const entering = points[first - 1];
  const next = points[first];
  const enters = entering && (!next || next[0] - entering[0] <= limit);
  const drawn: Point[] = [];
  for (const point of points.slice(enters ? first - 1 : first)) {
    if (point[0] > to) break;
    const before = drawn.at(-1);
    if (before && point[0] - before[0] > limit) drawn.push([before[0] + 1, null]);
    drawn.push(point);
  }
  return drawn;
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
