const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A process that ran for this long has started well: what comes then is another failure. */
const STABLE_MS = 10_000;

export interface Restarts {
  /** Unexpected ends in a row. */
  failures: number;
}

/**
 * What is known of a process after it ended although nobody asked, and how long to wait before it is started
 * again, ms: up to 0.5 s, doubled with each failure in a row up to 30 s. `random` lies in [0, 1).
 */
export function afterUnexpectedEnd(
  { failures }: Restarts,
  ranForMs: number,
  random: number,
): Restarts & { waitMs: number } {
  const inARow = ranForMs >= STABLE_MS ? 1 : failures + 1;
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** (inARow - 1));
  // At least half of it, so that a process that cannot start does not keep the machine busy.
  return { failures: inARow, waitMs: (most * (1 + random)) / 2 };
}
