/**
 * The server's now (C7), pure. Viewers' clocks are wrong, so it is reckoned from the `now` in frames against
 * this browser's monotonic clock. Timers and, on some systems, the monotonic clock stop in sleep; the wall
 * clock does not, so when the two part, the server's now is unknown until the next frame that carries it.
 */

/** One instant on both clocks of this browser, ms. */
export interface Instant {
  wall: number;
  mono: number;
}

export interface ServerClock {
  /** Server time minus monotonic time of the last frames; empty while unknown. */
  readonly offsets: readonly number[];
  /** Wall minus monotonic time when last looked at. */
  readonly lead: number;
  /** The last offset that was known, for labels and the ledger. */
  readonly guess?: number;
}

const SAMPLES = 6;
const JUMP_MS = 2000;

export function createServerClock({ wall, mono }: Instant): ServerClock {
  return { offsets: [], lead: wall - mono };
}

/** Looks whether the clocks have parted. Unchanged clocks give the same object. */
export function look(clock: ServerClock, { wall, mono }: Instant): ServerClock {
  const jump = wall - mono - clock.lead;
  if (Math.abs(jump) <= JUMP_MS) return clock;
  const guess = clock.guess === undefined ? undefined : clock.guess + jump;
  return { offsets: [], lead: wall - mono, guess };
}

/** Time passed unnoticed: the server's now is unknown until the next sample. */
export function forget(clock: ServerClock): ServerClock {
  return clock.offsets.length === 0 ? clock : { ...clock, offsets: [] };
}

/** Takes in the `now` of a frame that has just arrived. */
export function sample(clock: ServerClock, now: number, { wall, mono }: Instant): ServerClock {
  const offsets = [...clock.offsets, now - mono].slice(-SAMPLES);
  return { offsets, lead: wall - mono, guess: Math.max(...offsets) };
}

/** The frame that travelled fastest is nearest to the truth: it has the greatest offset. */
export function serverNow(clock: ServerClock, mono: number): number | undefined {
  return clock.offsets.length === 0 ? undefined : mono + Math.max(...clock.offsets);
}

/** The best guess at the server's now, for labels only; this browser's clock before the first frame. */
export function stamp(clock: ServerClock, { wall, mono }: Instant): number {
  return clock.guess === undefined ? wall : mono + clock.guess;
}
