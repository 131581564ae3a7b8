/** What this process is under, as it was just measured. */
export interface Load {
  /** How late the event loop is, smoothed (ms). */
  delayMs: number;
  /** The share of the heap's limit that is in use. */
  memory: number;
}

export interface Shedding {
  /** New work is refused. */
  readonly on: boolean;
  /** When that began or ended, ms. */
  readonly since: number;
  readonly reason?: "delay" | "memory";
}

export const NOT_SHEDDING: Shedding = { on: false, since: 0 };

/**
 * When new work is refused, and when it is taken again. The two lie apart, so that it does not flap. What V8
 * lets pile up before it collects garbage ends halfway between what is alive and the limit: 85 % in use means
 * that about 70 % are alive.
 */
export const SHED_LIMITS = {
  delayMs: { from: 500, until: 150 },
  memory: { from: 0.85, until: 0.7 },
  /** It lasts at least this long, ms. */
  leastMs: 2000,
};

/** How fast a rising and a falling delay is believed: the time constants, ms. */
const RISE_MS = 3000;
const FALL_MS = 1000;
/** One stall, however long, is over when it is over: it counts as no more than this, ms. */
const LONGEST_MS = 1000;

/** Decides from what was measured whether new work is refused (H4). `now` in ms. */
export function shed(state: Shedding, load: Load, now: number, limits = SHED_LIMITS): Shedding {
  if (!state.on) {
    if (load.memory >= limits.memory.from) return { on: true, since: now, reason: "memory" };
    if (load.delayMs >= limits.delayMs.from) return { on: true, since: now, reason: "delay" };
    return state;
  }
  const isOver = load.memory <= limits.memory.until && load.delayMs <= limits.delayMs.until;
  return isOver && now - state.since >= limits.leastMs ? { on: false, since: now } : state;
}

/**
 * The delay after one more look at the clock: `lateMs` after it was due, `elapsedMs` after the last one. A single
 * pause of the process, as a page's first rendering is, does not make it overloaded; pause upon pause does.
 */
export function smoothDelay(before: number, lateMs: number, elapsedMs: number): number {
  const late = Math.min(lateMs, LONGEST_MS);
  const weight = 1 - Math.exp(-elapsedMs / (late > before ? RISE_MS : FALL_MS));
  return before + (late - before) * weight;
}
