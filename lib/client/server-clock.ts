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
  /** The same by answers that tell only the second, while no frame has told it. */
  readonly coarse?: number;
  /** Wall minus monotonic time when last looked at. */
  readonly lead: number;
  /** The last offset that was known, for labels and the ledger. */
  readonly guess?: number;
}

const SAMPLES = 6;
const JUMP_MS = 2000;
/** The middle of a second. */
const HALF_MS = 500;

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
  return isKnown(clock) ? { ...clock, offsets: [], coarse: undefined } : clock;
}

/** Takes in the `now` of a frame that has just arrived. */
export function sample(clock: ServerClock, now: number, { wall, mono }: Instant): ServerClock {
  const offsets = [...clock.offsets, now - mono].slice(-SAMPLES);
  return { offsets, lead: wall - mono, guess: Math.max(...offsets) };
}

/**
 * Takes in an answer's date, the server's now in whole seconds. It is off by half a second at most when the
 * middle of that second is taken, and of several the greatest, as for frames: so it never goes back, and what is
 * shown rather looks too old. It counts only until a frame comes, since a proxy may put its own date there.
 */
export function sampleDate(clock: ServerClock, date: number, { wall, mono }: Instant): ServerClock {
  if (clock.offsets.length > 0) return clock;
  const coarse = Math.max(clock.coarse ?? Number.NEGATIVE_INFINITY, date + HALF_MS - mono);
  return { offsets: [], coarse, lead: wall - mono, guess: coarse };
}

/** The frame that travelled fastest is nearest to the truth: it has the greatest offset. */
export function serverNow(clock: ServerClock, mono: number): number | undefined {
  if (clock.offsets.length > 0) return mono + Math.max(...clock.offsets);
  return clock.coarse === undefined ? undefined : mono + clock.coarse;
}

function isKnown({ offsets, coarse }: ServerClock): boolean {
  return offsets.length > 0 || coarse !== undefined;
}

/** The best guess at the server's now, for labels only; this browser's clock before the first frame. */
export function stamp(clock: ServerClock, { wall, mono }: Instant): number {
  return clock.guess === undefined ? wall : mono + clock.guess;
}
