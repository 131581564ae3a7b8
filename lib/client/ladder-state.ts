/** The ways to read the log, best first (C1). */
export const RUNGS = ["socket", "sse", "long-poll", "poll"] as const;
export type Rung = (typeof RUNGS)[number];

/** What a page or a viewer asks for. `auto` climbs the ladder, anything else fixes the rung. */
export const CHOICES = ["auto", "socket", "sse", "poll"] as const;
export type Choice = (typeof CHOICES)[number];

/** Why nothing is open on purpose (C3). `unwatched`: no page shows anything live. */
export type ParkReason = "unwatched" | "offline" | "hidden" | "frozen" | "bfcache";

/** Why a rung was given up. `answered`: our server spoke, so the way to it works (C1). */
export interface Failure {
  /** `moved`: the server asks its clients to come back, to another node or to itself. */
  reason: "timeout" | "silence" | "closed" | "moved" | "refused" | "not-ours";
  answered: boolean;
  retryAfterMs?: number;
  /** A code of lib/shared/codes.ts, when the server gave one. */
  code?: string;
  /** For people. */
  message: string;
}

/** The protocol's beat (F4). It is repeated here because protocol.ts brings zod, which no browser needs. */
export const BEAT_MS = 10_000;
/** On the first load the next rung starts when the current one has not delivered within this (C1). */
export const STAGGER_MS = 1000;
/** A rung that was opened delivers within this, or is given up. */
export const FIRST_DELIVERY_MS = 5000;
/** A connection that lasted this long was good: the back-off starts afresh (C2). */
export const STABLE_MS = 10_000;
/** A connection that was moved sooner than this is treated as closed: a server that only moves is of no use. */
export const MOVE_MIN_MS = 1000;
export const BACKOFF_MIN_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
/** The most that is added to the server's Retry-After while it waits for its log: it is there, and asking is cheap. */
export const LOG_BACKOFF_MS = 2000;
/** The longest that a server's Retry-After is believed. */
export const RETRY_AFTER_MAX_MS = 60_000;
export const PROBE_MIN_MS = 10_000;
export const PROBE_MAX_MS = 300_000;
/** The shortest interval of plain polling (T3). */
export const POLL_MIN_MS = 5000;
/** How long one poll may take beyond the time that the server holds it. */
export const POLL_TIMEOUT_MS = 8000;

/** A rung that must be open. `at` tells one opening of a rung from the next. */
export interface Opening {
  rung: Rung;
  at: number;
}

/** What recent attempts have shown; kept from the first failure until a connection has been stable. */
export interface Tries {
  /** Failures in a row. */
  attempt: number;
  /** How many of the last ones came without an answer from the server. */
  unanswered: number;
  /** How often a rung delivered and then broke before it was stable. */
  flaps: number;
  /** How often a higher rung was probed. */
  probes: number;
  /** When the first failure came; the back-off grows with the time since. */
  since: number;
}

interface Base {
  readonly choice: Choice;
  /** The interval of plain polling, ms. */
  readonly pollMs: number;
  /** The rung to try first: the last one that worked. */
  readonly first?: Rung;
}

export interface Stopped extends Base {
  readonly name: "stopped";
}
export interface Parked extends Base {
  readonly name: "parked";
  readonly reasons: readonly ParkReason[];
}
/** Several rungs at once, staggered; the first to deliver wins. */
export interface Racing extends Base {
  readonly name: "racing";
  readonly open: readonly Opening[];
  readonly queue: readonly Rung[];
  readonly nextAt: number;
  readonly tries: Tries;
  readonly cause?: Failure;
}
/** A rung that has worked, tried again by itself. */
export interface Connecting extends Base {
  readonly name: "connecting";
  readonly opening: Opening;
  readonly tries: Tries;
  readonly cause: Failure;
}
export type Probe = { readonly next: number } | { readonly open: Opening };
export interface Live extends Base {
  readonly name: "live";
  readonly opening: Opening;
  readonly since: number;
  readonly heardAt: number;
  /** Silent for longer than it should be, but not yet given up. */
  readonly quiet: boolean;
  /** While a better rung is allowed: when to try it next, or the trial that is under way. */
  readonly probe?: Probe;
  readonly tries: Tries;
}
export interface Waiting extends Base {
  readonly name: "waiting";
  readonly until: number;
  readonly tries: Tries;
  readonly cause: Failure;
}

export type Ladder = Stopped | Parked | Racing | Connecting | Live | Waiting;
export type StateName = Ladder["name"];
export type StateOf<S extends StateName> = Extract<Ladder, { name: S }>;

export type LadderEvent =
  | { type: "start"; reasons: readonly ParkReason[] }
  | { type: "stop" }
  /** A rung gave a sign of life: a frame, a beat, or "nothing new". */
  | { type: "heard"; rung: Rung }
  | { type: "failed"; rung: Rung; failure: Failure }
  | { type: "tick" }
  | { type: "park"; reason: ParkReason }
  | { type: "unpark"; reason: ParkReason }
  /** Time has passed unnoticed: connections may be dead without having closed. */
  | { type: "woke" }
  | { type: "fix"; choice: Choice; pollMs: number };
export type EventName = LadderEvent["type"];
export type EventOf<E extends EventName> = Extract<LadderEvent, { type: E }>;

/** A monotonic clock (ms) and a number in [0, 1). */
export interface LadderContext {
  now: number;
  random: number;
}

export function initialLadder(first?: Rung): Stopped {
  return { name: "stopped", choice: "auto", pollMs: POLL_MIN_MS, first };
}

export function allowedRungs(choice: Choice): readonly Rung[] {
  return choice === "auto" ? RUNGS : [choice];
}

/** How long a rung may be silent before it is shown as delayed, and before it counts as dead (C2), ms. */
export function silenceLimits(rung: Rung, pollMs: number): { delayed: number; dead: number } {
  if (rung === "poll") return { delayed: pollMs + POLL_TIMEOUT_MS, dead: 2.5 * pollMs + POLL_TIMEOUT_MS };
  return { delayed: 1.25 * BEAT_MS, dead: 2.5 * BEAT_MS };
}

/** The rungs that must be open in this state. */
export function openRungs(state: Ladder): readonly Opening[] {
  switch (state.name) {
    case "racing":
      return state.open;
    case "connecting":
      return [state.opening];
    case "live":
      return state.probe && "open" in state.probe ? [state.opening, state.probe.open] : [state.opening];
    default:
      return [];
  }
}

/** When this state wants its next `tick`, on the monotonic clock. Stopped and parked states never do. */
export function nextDeadline(state: Ladder): number | undefined {
  switch (state.name) {
    case "racing": {
      const timeouts = state.open.map(({ at }) => at + FIRST_DELIVERY_MS);
      return Math.min(...timeouts, state.queue.length > 0 ? state.nextAt : Number.POSITIVE_INFINITY);
    }
    case "connecting":
      return state.opening.at + FIRST_DELIVERY_MS;
    case "live": {
      const { delayed, dead } = silenceLimits(state.opening.rung, state.pollMs);
      const silence = state.heardAt + (state.quiet ? dead : delayed);
      if (!state.probe) return silence;
      return Math.min(
        silence,
        "next" in state.probe ? state.probe.next : state.probe.open.at + FIRST_DELIVERY_MS,
      );
    }
    case "waiting":
      return state.until;
    default:
      return undefined;
  }
}
