/** `GET /api/history`: the past of a channel's metrics in buckets, as the archive answers and a chart reads it. */

/** One metric: each list has a place per bucket; `null` where there was no reading. */
export interface MetricHistory {
  count: number[];
  min: (number | null)[];
  avg: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
  /** When the newest reading of the range was, ms; absent without one. A wide bucket alone does not tell. */
  lastAt?: number;
  /** Counters only: how much it grew within the bucket, a reset to zero taken into account. */
  increase?: (number | null)[];
}

/** A time (ms) in which nobody recorded: no server ran, or the archive had fallen behind what the log keeps. */
export interface Outage {
  from: number;
  to: number;
}

export interface History {
  channel: string;
  /** ms, a multiple of `step`: the first bucket begins here. */
  from: number;
  /** ms, a multiple of `step`: the last bucket ends before it. */
  to: number;
  /** The width of a bucket, ms. Bucket `i` is `from + i * step <= ts < from + (i + 1) * step`. */
  step: number;
  /** The width of the stored buckets that these were made from, ms; 0 when they were single readings. */
  tier: number;
  /** ms: the commit time of the newest update that the archive holds, whatever its channel. */
  until: number;
  metrics: Record<string, MetricHistory>;
  /** Those that overlap the range, oldest first. */
  outages: Outage[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that people can read off an axis, ms. Each is a multiple of the stored widths below it. */
const STEPS: readonly number[] = [
  250,
  500,
  ...[1, 2, 5, 10, 20, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

/** The most buckets that a chart draws: about as many as a wide plot has pixels to tell apart. */
export const CHART_POINTS = 600;

/** How finely a chart looks at its range. */
export interface Grain {
  /** About how many buckets are wanted of `lead` and range together. */
  points: number;
  /** So much before the range is loaded too, ms: what has begun before it, as a bar, is whole then. */
  lead: number;
}

/** As finely as a line is drawn. */
export const FINE: Grain = { points: CHART_POINTS, lead: 0 };

/** The most buckets that are asked for at once. */
export const MAX_POINTS = 2000;

/** The narrowest width (ms) with which `points` buckets span `span` ms, and not narrower than `least` ms. */
export function stepFor(span: number, points: number, least = 0): number {
  return STEPS.find((step) => step >= least && step * points >= span) ?? STEPS.at(-1)!;
}
