/** What a chart asks of the archive's answers. Pure. */
import type { Bucket } from "@/lib/shared/buckets";
import type { History, Outage } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import type { Span } from "@/lib/shared/time-range";
import { bucketsOf } from "./bucket-series";

/**
 * Does an answer hold a reading of this time (ms)? One that came too late for it fell into a bucket in which it had none;
 * one from a clock that is ahead lies in a bucket of the answer that begins after all that it knows.
 */
export function isAnswered({ from, step, until, metrics }: History, metric: string, ts: number): boolean {
  const place = Math.floor((ts - from) / step);
  const count = metrics[metric]?.count[place] ?? 0;
  return ts <= until ? count > 0 || place < 0 : count > 0 && from + place * step > until;
}

/** The newest reading that a line does not begin with, from which a counter has grown since. */
export function lastBefore(points: readonly Point[], isWanted: (point: Point) => boolean) {
  const first = points.findIndex(isWanted);
  const known = (first < 0 ? points : points.slice(0, first)).findLast(([, value]) => value !== null);
  return known && { ts: known[0], value: known[1]! };
}

export function earlierBuckets(history: History | undefined, metric: string, shift: number): Bucket[] {
  const known = history?.metrics[metric];
  if (!known) return [];
  return bucketsOf(known, history).map((bucket) => ({
    ...bucket,
    at: bucket.at + shift,
    lastAt: bucket.lastAt + shift,
  }));
}

/** All channels are archived together: one answer's outages are everybody's. */
export function outagesOf(histories: readonly History[], { from, to }: Span): readonly Outage[] {
  return histories[0]?.outages.filter((outage) => outage.to > from && outage.from < to) ?? [];
}
