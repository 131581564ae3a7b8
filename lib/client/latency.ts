/** From an update's commit to its arrival, over the last minute; pure and bounded. */
export type Latencies = readonly { at: number; ms: number }[];

const WINDOW_MS = 60_000;
const SIZE = 120;

export function addLatency(latencies: Latencies, at: number, ms: number): Latencies {
  return [...latencies, { at, ms: Math.max(0, ms) }].slice(-SIZE);
}

/** The median of the last minute, rounded to ms; `undefined` when nothing arrived. */
export function medianLatency(latencies: Latencies, now: number): number | undefined {
  const recent = latencies.filter(({ at }) => now - at <= WINDOW_MS).map(({ ms }) => ms);
  if (recent.length === 0) return undefined;
  return Math.round(recent.sort((a, b) => a - b)[Math.floor(recent.length / 2)]!);
}
