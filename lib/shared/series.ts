import type { Point } from "./protocol";
import { type RecordState, sourceTime, type Update } from "./state";

/**
 * The points that an update adds to the charts of its channel: `[metric, point]`. `state` is the channel's
 * state after the update. A metric that the update leaves out kept its value, so it has a point too;
 * a source that is down has none, which is how a silence shows.
 */
export function pointsOf(update: Update, state: RecordState): [metric: string, point: Point][] {
  if (!update.set || update.down !== undefined) return [];
  const ts = sourceTime(update);
  const points: [string, Point][] = [];
  for (const [metric, value] of Object.entries(state.values)) {
    if (Object.hasOwn(update.set, metric)) points.push([metric, [ts, update.set[metric]!]]);
    // A late reading says nothing about the metrics that it does not name.
    else if (update.ts === undefined) points.push([metric, [ts, value]]);
  }
  return points;
}

/** Adds a point in its place by source time; a second one at the same time replaces the first. */
export function insertPoint(points: Point[], point: Point): void {
  let place = points.length;
  while (place > 0 && points[place - 1]![0] > point[0]) place -= 1;
  if (place > 0 && points[place - 1]![0] === point[0]) points[place - 1] = point;
  else points.splice(place, 0, point);
}
