/**
 * Buckets: what a metric did in equal stretches of time. The archive makes them as the log grows, and a chart
 * goes on with them as readings arrive, so both fold a reading by the same code.
 */

/** All readings of a metric with `at <= ts < at + step`. Times in ms. */
export interface Bucket {
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  /** The reading with the latest source time. */
  last: number;
  lastAt: number;
  /** How much a counter grew from each reading's predecessor to it; of other metrics there is none. */
  increase?: number;
}

/** Where the bucket begins that a time (ms) falls into. Buckets of a step lie at its multiples since 1970, UTC. */
export function bucketStart(ts: number, step: number): number {
  return Math.floor(ts / step) * step;
}

/** A bucket that holds one reading. */
export function bucketOf(ts: number, value: number, step: number): Bucket {
  return {
    at: bucketStart(ts, step),
    count: 1,
    sum: value,
    min: value,
    max: value,
    last: value,
    lastAt: ts,
  };
}

/** Adds a reading to its bucket, in place. Of two at the same time, the one that is added later is the last. */
export function addReading(bucket: Bucket, ts: number, value: number): void {
  bucket.count += 1;
  bucket.sum += value;
  if (value < bucket.min) bucket.min = value;
  if (value > bucket.max) bucket.max = value;
  if (ts < bucket.lastAt) return;
  bucket.last = value;
  bucket.lastAt = ts;
}

/** How much a counter grew from one reading to the next. It was reset when it is lower: then it grew from zero. */
export function increaseOf(before: number | undefined, value: number): number {
  if (before === undefined) return 0;
  return value >= before ? value - before : Math.max(0, value);
}
