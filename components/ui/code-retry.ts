/** The first pause, and the longest; each is twice as long as the one before it, ms. */
const FIRST_MS = 5000;
const LONGEST_MS = 60_000;

/** How long to wait until code that could not be had is asked for again, ms, after so many failures before this one. */
export function codeRetryMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + Math.random());
}
