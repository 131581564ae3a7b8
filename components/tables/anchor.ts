import type { Entry } from "./table-shape";

/**
 * By how many rows the rows on the screen (`count` from `first` on) have moved when others came or went above them:
 * as most of them did, and of two the shorter way. To scroll by so much leaves those where the reader sees them; a
 * row whose own place in the order changed moves. 0 when none of them is left.
 */
export function anchorShift(
  before: readonly Entry[],
  after: readonly Entry[],
  first: number,
  count: number,
): number {
  const places = new Map(before.slice(first, first + count).map(([key], i) => [key, first + i]));
  const votes = new Map<number, number>();
  let left = places.size;
  for (let i = 0; i < after.length && left > 0; i++) {
    const place = places.get(after[i]![0]);
    if (place === undefined) continue;
    left--;
    votes.set(i - place, (votes.get(i - place) ?? 0) + 1);
  }
  const shifts = [...votes].sort(([a, inA], [b, inB]) => inB - inA || Math.abs(a) - Math.abs(b));
  return shifts[0]?.[0] ?? 0;
}
