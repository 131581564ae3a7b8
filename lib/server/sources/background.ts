/**
 * A value that is slow or costly to read, refreshed in the background. The returned function answers at once
 * with the last value, and begins a new read when the last one began `everyMs` ago or more. `null` until there
 * is a value, after a failed read, and when the last value is three periods old because a read hangs. Reads
 * never overlap. `now` is in ms.
 */
export function inBackground<T>(
  everyMs: number,
  read: (now: number) => Promise<T>,
): (now: number) => T | null {
  let value: T | null = null;
  let valueAt = 0;
  let begunAt = Number.NEGATIVE_INFINITY;
  let reading = false;

  async function refresh(now: number): Promise<void> {
    reading = true;
    begunAt = now;
    value = await read(now).catch(() => null);
    valueAt = now;
    reading = false;
  }

  return (now) => {
    // The distance counts, not the direction: a clock that steps back must not stop the reads.
    if (!reading && Math.abs(now - begunAt) >= everyMs) void refresh(now);
    return Math.abs(now - valueAt) < 3 * everyMs ? value : null;
  };
}
