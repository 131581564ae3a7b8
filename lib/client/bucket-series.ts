import { addReading, type Bucket, bucketOf, bucketStart, increaseOf } from "@/lib/shared/buckets";
import type { MetricHistory } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";

interface Reading {
  ts: number;
  value: number;
}

/** The buckets of one metric, oldest first, without empty ones: what a chart draws. Its size follows its window. */
export class BucketSeries {
  private readonly buckets: Bucket[];
  private shown: readonly Bucket[] | undefined;
  /** A counter's newest reading, from which it grows on. */
  private counted: Reading | undefined;

  /** `buckets`, oldest first, are of the same step (ms). A counter's growth goes on from them, or from `before`. */
  constructor(
    readonly step: number,
    buckets: readonly Bucket[] = [],
    private readonly counter?: { before?: Reading },
  ) {
    this.buckets = [...buckets];
    const newest = buckets.at(-1);
    this.counted = newest ? { ts: newest.lastAt, value: newest.last } : counter?.before;
  }

  /** Adds a reading to its bucket, wherever that lies. */
  add([ts, value]: Point): void {
    if (value === null) return;
    const at = bucketStart(ts, this.step);
    let place = this.buckets.length;
    while (place > 0 && this.buckets[place - 1]!.at > at) place -= 1;
    const bucket = this.buckets[place - 1];
    const growth = this.counter && this.grow(ts, value);
    this.shown = undefined;
    // A copy: whoever read the old one keeps what was true then.
    if (bucket?.at === at) this.buckets[place - 1] = added(bucket, ts, value, growth);
    else this.buckets.splice(place, 0, { ...bucketOf(ts, value, this.step), ...grown(growth) });
  }

  /** A late reading adds nothing: the reading after it has counted that already, as in the archive. */
  private grow(ts: number, value: number): number {
    const { counted } = this;
    if (counted && ts < counted.ts) return 0;
    this.counted = { ts, value };
    return increaseOf(counted?.value, value);
  }

  /** Drops what ended before `from` (ms). */
  trim(from: number): void {
    if ((this.buckets[0]?.at ?? Number.POSITIVE_INFINITY) + this.step > from) return;
    const first = this.buckets.findIndex(({ at }) => at + this.step > from);
    this.buckets.splice(0, first < 0 ? this.buckets.length : first);
    this.shown = undefined;
  }

  /** Oldest first. The same array until something changed. */
  read(): readonly Bucket[] {
    this.shown ??= this.buckets.slice();
    return this.shown;
  }
}

function added(bucket: Bucket, ts: number, value: number, growth: number | undefined): Bucket {
  const next = { ...bucket, ...grown(growth === undefined ? undefined : growth + (bucket.increase ?? 0)) };
  addReading(next, ts, value);
  return next;
}

function grown(increase: number | undefined): Pick<Bucket, "increase"> {
  return increase === undefined ? {} : { increase };
}

/**
 * The buckets of an answer that have readings. When the last reading of each was is told of the newest one only: of the
 * others it was by their end, or `until`.
 */
export function bucketsOf(
  metric: MetricHistory,
  { from, step, until }: { from: number; step: number; until: number },
): Bucket[] {
  const buckets: Bucket[] = [];
  metric.count.forEach((count, i) => {
    const at = from + i * step;
    const [min, avg, max, last] = [metric.min[i], metric.avg[i], metric.max[i], metric.last[i]];
    if (count === 0 || min == null || avg == null || max == null || last == null) return;
    const byEnd = Math.max(at, Math.min(at + step - 1, until));
    const { lastAt: newest = byEnd } = metric;
    const lastAt = newest >= at && newest < at + step ? newest : byEnd;
    const growth = grown(metric.increase?.[i] ?? undefined);
    buckets.push({ at, count, sum: avg * count, min, max, last, lastAt, ...growth });
  });
  return buckets;
}
