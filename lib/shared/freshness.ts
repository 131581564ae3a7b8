/**
 * How old data is against its channel's promise (C7). `held`: young enough, but the connection is not live, so
 * nobody can say that there is nothing newer. `unknown`: the server's clock is not known (yet).
 */
export type Freshness = "live" | "held" | "late" | "stale" | "lost" | "unknown" | "empty";

/** Past `maxAge` data is late, past three times stale, past ten times (and a minute) lost. */
export function freshness(age: number | null | undefined, maxAge: number, isConnected: boolean): Freshness {
  if (age === null) return "empty";
  if (age === undefined) return "unknown";
  if (age <= maxAge) return isConnected ? "live" : "held";
  if (age <= 3 * maxAge) return "late";
  return age <= Math.max(10 * maxAge, 60_000) ? "stale" : "lost";
}

/**
 * The age of a channel's data in ms: server now − `asOf`, never negative. `null` when there was no data
 * ever, `undefined` while the server's now is unknown.
 */
export function dataAge(asOf: number | null | undefined, serverNow: number | undefined) {
  if (asOf === null || asOf === undefined) return null;
  return serverNow === undefined ? undefined : Math.max(0, serverNow - asOf);
}
