import type { Archive, ArchivedMetrics, FoldRequest } from "@/lib/server/history/archive";
import type { UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { METRICS } from "./archive-storage";

/** A reading as the naive model has it: everything by itself, nothing rolled up. */
export interface ModelReading {
  channel: string;
  metric: string;
  ts: number;
  value: number;
  increase: number;
}

/** All readings of updates in order, told one by one from the rules alone. */
export function readingsOf(updates: readonly Update[], metrics: ArchivedMetrics = METRICS): ModelReading[] {
  const readings: ModelReading[] = [];
  const current = new Map<string, { value: number | null; rank: number }>();
  const counted = new Map<string, number>();
  for (const { id, ch, set, ts, at, down } of updates) {
    if (!metrics[ch] || !set || down !== undefined) continue;
    const ms = Number(id.split("-")[0]);
    const rank = Math.min(ts ?? ms, ms);
    for (const [metric, isCounter] of Object.entries(metrics[ch])) {
      const key = `${ch}.${metric}`;
      const isNamed = Object.hasOwn(set, metric);
      const before = current.get(key);
      const isLate = isNamed && before !== undefined && rank < before.rank;
      if (isNamed && !isLate) current.set(key, { value: set[metric]!, rank });
      if (!isNamed && ts !== undefined) continue;
      const value = isNamed ? set[metric]! : current.get(key)?.value;
      if (value === null || value === undefined) continue;
      let increase = 0;
      if (isCounter && !isLate) {
        const last = counted.get(key);
        if (last !== undefined) increase = value >= last ? value - last : Math.max(0, value);
        counted.set(key, value);
      }
      readings.push({ channel: ch, metric, ts: ts ?? at ?? ms, value, increase });
    }
  }
  return readings;
}

/** The buckets of some readings, by where they begin; of two at the same time the later one is the last. */
export function bucketsOf(readings: readonly ModelReading[], width: number) {
  const groups = new Map<number, ModelReading[]>();
  for (const reading of readings) {
    const at = reading.ts - (((reading.ts % width) + width) % width);
    groups.set(at, [...(groups.get(at) ?? []), reading]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([at, group]) => {
      const newest = Math.max(...group.map(({ ts }) => ts));
      const values = group.map(({ value }) => value);
      return {
        at,
        count: group.length,
        sum: values.reduce((sum, value) => sum + value),
        min: Math.min(...values),
        max: Math.max(...values),
        last: group.findLast(({ ts }) => ts === newest)!.value,
        last_at: newest,
        increase: group.reduce((sum, { increase }) => sum + increase, 0),
      };
    });
}

/** The single readings that are kept: of those at the same time the last, with the growth of all. */
export function singlesOf(readings: readonly ModelReading[]) {
  const singles = new Map<number, { at: number; value: number; increase: number }>();
  for (const { ts, value, increase } of readings)
    singles.set(ts, { at: ts, value, increase: (singles.get(ts)?.increase ?? 0) + increase });
  return [...singles.values()].sort((a, b) => a.at - b.at);
}

/** A request that stores `updates` after `expected`. */
export function requestFor(
  expected: UpdateId | "",
  updates: readonly Update[],
  rest: Partial<FoldRequest> = {},
): FoldRequest {
  const cursor = updates.at(-1)?.id ?? expected;
  const until = cursor === "" ? null : Number(cursor.split("-")[0]);
  const now = until ?? 0;
  return { expected, cursor, until, aliveAt: null, updates, outages: [], now, ...rest };
}

/** Folds all of it in batches of these sizes, the last size for the rest. */
export async function foldInBatches(
  archive: Archive,
  updates: readonly Update[],
  sizes: readonly number[],
  now: number,
): Promise<void> {
  let { cursor } = await archive.open();
  for (let from = 0, batch = 0; from < updates.length; batch++) {
    const part = updates.slice(from, from + (sizes[batch] ?? updates.length));
    from += part.length;
    const request = requestFor(cursor, part, { now });
    if (!(await archive.fold(request)).stored) throw new Error("another one went on");
    cursor = request.cursor;
  }
}
