/** The time in ms since 1970, with fractions. All processes of a run are on one host, so it is one clock. */
export function wallNow(): number {
  return performance.timeOrigin + performance.now();
}
