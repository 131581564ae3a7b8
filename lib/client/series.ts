import type { Point } from "@/lib/shared/protocol";
import { insertPoint } from "@/lib/shared/series";

/** Charts look back at most this far, ms. */
export const SERIES_WINDOW_MS = 15 * 60_000;
/** The most points of one metric that are kept; at a reading a second the window is reached first. */
export const SERIES_POINTS = 2000;
/** Trimming moves all points, so it waits until this many have gathered. */
const SLACK = 100;

const NO_POINTS: readonly Point[] = [];

/** The points of one metric, by source time, bounded in time and number. */
export class Series {
  private points: Point[] = [];
  private shown: readonly Point[] | undefined = NO_POINTS;

  add(point: Point): void {
    insertPoint(this.points, point);
    const isOld = (this.points[SLACK]?.[0] ?? Number.POSITIVE_INFINITY) <= this.start();
    if (isOld || this.points.length > SERIES_POINTS + SLACK) this.trim();
    this.shown = undefined;
  }

  /** A union by source time; where both have a point, the one that is here stays. */
  merge(seeded: readonly Point[]): void {
    const here = new Set(this.points.map(([ts]) => ts));
    const added = seeded.filter(([ts]) => !here.has(ts));
    if (added.length === 0) return;
    this.points = [...this.points, ...added].sort((a, b) => a[0] - b[0]);
    this.trim();
    this.shown = undefined;
  }

  /** Immutable: the same array until something is added. */
  read(): readonly Point[] {
    this.shown ??= [...this.points];
    return this.shown;
  }

  private start(): number {
    return this.points.at(-1)![0] - SERIES_WINDOW_MS;
  }

  private trim(): void {
    const start = this.start();
    const old = this.points.findIndex(([ts]) => ts > start);
    const drop = Math.max(old, this.points.length - SERIES_POINTS);
    if (drop > 0) this.points.splice(0, drop);
  }
}
