/** Lines on top of each other: at each time a layer begins where the one below it ends. Pure. */
import type { Bucket } from "@/lib/shared/buckets";
import type { Outage } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import { isOutBetween, type Values } from "./chart-model";

/** The area between two edges of the same times; both break (`null`) where its line does. */
export interface Layer {
  low: readonly Point[];
  high: readonly Point[];
  /** The edge away from zero. */
  outer: readonly Point[];
}

export interface StackedLine {
  buckets: readonly Bucket[];
  /** How long it may say nothing, ms. */
  limit: number;
  /** Times in which nobody recorded. */
  outages: readonly Outage[];
  value: Values;
}

/**
 * From where to where each of these values reaches in a stack: positive ones grow up from zero, negative ones down.
 * Where there is no value, there is no part.
 */
export function stackValues(values: readonly (number | null)[]): ([low: number, high: number] | null)[] {
  let above = 0;
  let below = 0;
  return values.map((value) => {
    if (value === null) return null;
    if (value < 0) {
      below += value;
      return [below, below - value];
    }
    above += value;
    return [above - value, above];
  });
}

/**
 * A layer for each line. Lines are added up at the times of all of them: one that has no reading just then counts with
 * its last one, unless it is silent by then. `step` and `now` in ms.
 */
export function stackLayers(lines: readonly StackedLine[], step: number, now: number): Layer[] {
  const layers = lines.map(() => ({ low: [] as Point[], high: [] as Point[], outer: [] as Point[] }));
  walk(lines, step, ({ at, values, breaks }) => {
    const ts = Math.min(at + step / 2, now);
    stackValues(values).forEach((part, i) => {
      const { low, high, outer } = layers[i]!;
      const add = (point: number, [from, to]: readonly [number | null, number | null]) => {
        low.push([point, from]);
        high.push([point, to]);
        outer.push([point, values[i]! < 0 ? from : to]);
      };
      const isBroken = low.at(-1)?.[1] === null;
      if (breaks[i] !== undefined && !isBroken && low.length > 0) add(breaks[i]!, [null, null]);
      if (part) add(ts, part);
    });
  });
  return layers;
}

/** What lines add up to, as the buckets of one line. `step` in ms. */
export function sumBuckets(lines: readonly StackedLine[], step: number): Bucket[] {
  const sums: Bucket[] = [];
  walk(lines, step, ({ at, values, lastAt }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return;
    const sum = known.reduce((total, value) => total + value, 0);
    sums.push({ at, count: 1, sum, min: sum, max: sum, last: sum, lastAt });
  });
  return sums;
}

/** A time at which some of the lines have readings. */
interface Place {
  at: number;
  values: readonly (number | null)[];
  /** Where a line broke since the time before, ms. */
  breaks: readonly (number | undefined)[];
  /** The newest reading of those that have one here, ms. */
  lastAt: number;
}

function walk(lines: readonly StackedLine[], step: number, visit: (place: Place) => void): void {
  const times = [...new Set(lines.flatMap(({ buckets }) => buckets.map(({ at }) => at)))].sort(
    (a, b) => a - b,
  );
  const next = lines.map(() => 0);
  for (const at of times) {
    const breaks: (number | undefined)[] = [];
    let lastAt = at;
    const values = lines.map(({ buckets, limit, value, outages }, i) => {
      const before = buckets[next[i]! - 1];
      // As a line does, from the middle of one bucket to that of the next.
      const isOut = before && isOutBetween(outages, before.at + step / 2, at + step / 2);
      if (before && (isOut || at - before.lastAt > limit)) breaks[i] = before.lastAt + 1;
      const here = buckets[next[i]!];
      if (here?.at === at) {
        next[i]! += 1;
        lastAt = Math.max(lastAt, here.lastAt);
        return value(here);
      }
      return before && breaks[i] === undefined ? value(before) : null;
    });
    visit({ at, values, breaks, lastAt });
  }
}
