import type { Point, SeriesByChannel } from "@/lib/shared/protocol";
import { insertPoint, pointsOf } from "@/lib/shared/series";
import type { RecordState, Update } from "@/lib/shared/state";

/** How far back a page's charts begin, ms. */
export const SERIES_MS = 5 * 60_000;
const MAX_POINTS = 2000;

/** The last minutes of every record metric, so that a page's charts start full. Bounded per metric. */
export class RecentSeries {
  private readonly channels = new Map<string, Map<string, Point[]>>();

  add(update: Update, state: RecordState): void {
    const metrics = this.channels.get(update.ch) ?? new Map<string, Point[]>();
    this.channels.set(update.ch, metrics);
    for (const [metric, point] of pointsOf(update, state)) {
      const points = metrics.get(metric) ?? [];
      metrics.set(metric, points);
      insertPoint(points, point);
      const newest = points.at(-1)![0];
      const stale = points.findIndex(([ts]) => ts >= newest - SERIES_MS);
      // Cut in strides: a splice per point would move the whole array each time.
      if (stale > 64 || points.length > MAX_POINTS)
        points.splice(0, Math.max(stale, points.length - MAX_POINTS));
    }
  }

  forget(channel: string, metric: string): void {
    this.channels.get(channel)?.delete(metric);
  }

  read(channels: readonly string[]): SeriesByChannel {
    const result: SeriesByChannel = {};
    for (const channel of channels) {
      const metrics = this.channels.get(channel);
      if (metrics)
        result[channel] = Object.fromEntries([...metrics].map(([name, points]) => [name, points.slice()]));
    }
    return result;
  }
}
