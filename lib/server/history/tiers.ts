import { bucketStart } from "@/lib/shared/buckets";
import { stepFor } from "@/lib/shared/history";

/** The widths of the stored buckets, ms, finest first. 0 stands for single readings. */
export const WIDTHS = [0, 10_000, 60_000, 3_600_000] as const;
/** Those that have buckets. */
export const BUCKET_WIDTHS = WIDTHS.slice(1);

/** For how long each tier keeps its readings, ms, in the order of `WIDTHS`; a coarser one not shorter. */
export type Retention = readonly [number, number, number, number];

/** From when (ms) on a tier keeps its readings, and the buckets that end after it. */
export function keptFrom(retention: Retention, width: number, now: number): number {
  return now - retention[WIDTHS.indexOf(width as (typeof WIDTHS)[number])]!;
}

/** Whether a reading of source time `ts` still has a place in a tier. All in ms. */
export function isKept(retention: Retention, width: number, ts: number, now: number): boolean {
  const end = width === 0 ? ts : bucketStart(ts, width) + width;
  return end >= keptFrom(retention, width, now);
}

export interface TierChoice {
  /** Multiples of `step`, ms, around what was asked for. */
  from: number;
  to: number;
  step: number;
  /** Of the tier to read. */
  width: number;
}

/**
 * How a range (ms) is answered in at most about `points` buckets: from the coarsest tier that is fine enough, or the
 * finest that still has all of it (A3).
 */
export function chooseTier(
  { from, to, points }: { from: number; to: number; points: number },
  retention: Retention,
  now: number,
): TierChoice {
  const finest = WIDTHS.find((width) => from >= keptFrom(retention, width, now)) ?? WIDTHS.at(-1)!;
  const step = stepFor(to - from, points, finest);
  const width = WIDTHS.findLast((each) => each === 0 || (each <= step && step % each === 0))!;
  return { from: bucketStart(from, step), to: bucketStart(to + step - 1, step), step, width };
}
