/** Totals by series, and when they were read, ms. */
export interface Totals {
  at: number;
  of: ReadonlyMap<string, number>;
}

/**
 * How fast counters grow together, a second: the growth of the series that both readings have. A counter that is lower
 * than before began again at zero. `null` without two readings of a series, or when the clock did not move on.
 */
export function growthPerSecond(
  before: Totals | undefined,
  after: Totals,
  series: Iterable<string>,
): number | null {
  const seconds = before ? (after.at - before.at) / 1000 : 0;
  if (!before || seconds <= 0) return null;
  let growth: number | null = null;
  for (const one of series) {
    const [from, to] = [before.of.get(one), after.of.get(one)];
    if (from === undefined || to === undefined) continue;
    growth = (growth ?? 0) + (to < from ? to : to - from);
  }
  return growth === null ? null : growth / seconds;
}
