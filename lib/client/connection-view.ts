/** What users see of the connection (C7), derived from the ladder and what the reader knows. */
import { allowedRungs, type Ladder, openRungs, type ParkReason, type Rung, type Tries } from "./ladder-state";

export type ConnectionStatus = "live" | "catching-up" | "delayed" | "reconnecting" | "offline";

export interface ConnectionView {
  readonly status: ConnectionStatus;
  /** The rung that delivers; absent while none does. */
  readonly transport?: Rung;
  /** The rungs being tried, or the one to be tried next; empty while live. */
  readonly trying: readonly Rung[];
  /** Since when, ms on the server's clock where it is known; unless live, what is shown is as of then. */
  readonly since?: number;
  /** Failures in a row. */
  readonly attempt: number;
  /** When the next try comes, ms on this browser's clock (`Date.now()`), for a countdown. */
  readonly nextTryAt?: number;
  /** For people. */
  readonly lastError?: string;
  /** From commit to here, the median of the last minute, ms. */
  readonly latencyMs?: number;
  /** The connection is open, and silent for longer than it should be. */
  readonly quiet: boolean;
  /** Why nothing is open on purpose. */
  readonly parked: readonly ParkReason[];
}

/** Before the client has started, and in HTML that the server renders. */
export const INITIAL_VIEW: ConnectionView = {
  status: "catching-up",
  trying: [],
  attempt: 0,
  quiet: false,
  parked: [],
};

/** So many failures in a row without an answer are called offline: nobody is there, or somebody else. */
export const OFFLINE_AFTER = 5;

export interface ReadingStatus {
  /** Between a (re)connection and its first frame, or after a lost frame. */
  catchingUp: boolean;
  /** What the last beat said about the log. */
  delayedSince?: number;
}

export function statusOf(ladder: Ladder, { catchingUp, delayedSince }: ReadingStatus): ConnectionStatus {
  switch (ladder.name) {
    case "stopped":
      return "catching-up";
    case "parked":
      return ladder.reasons.includes("offline") ? "offline" : "catching-up";
    case "live":
      if (ladder.quiet) return "delayed";
      if (catchingUp) return "catching-up";
      return delayedSince === undefined ? "live" : "delayed";
    case "racing":
      // A rung that fails in the first race says nothing yet: the others are on their way.
      return ladder.tries.attempt === 0 ? "catching-up" : lostStatus(ladder.tries);
    case "connecting":
      // On the way to another node: nothing is wrong until that fails.
      if (ladder.cause.reason === "moved" && ladder.tries.attempt === 0) return "catching-up";
      return ladder.cause.code === "log_unavailable" ? "delayed" : lostStatus(ladder.tries);
    case "waiting":
      return ladder.cause.code === "log_unavailable" ? "delayed" : lostStatus(ladder.tries);
  }
}

function lostStatus({ unanswered }: Tries): ConnectionStatus {
  return unanswered >= OFFLINE_AFTER ? "offline" : "reconnecting";
}

/** The parts of the view that follow from the ladder. `wall` and `mono` are the same instant, ms. */
export function viewLadder(
  ladder: Ladder,
  { wall, mono }: { wall: number; mono: number },
): Omit<ConnectionView, "status" | "since" | "latencyMs"> {
  const open = openRungs(ladder).map(({ rung }) => rung);
  const parked = ladder.name === "parked" ? ladder.reasons : [];
  if (ladder.name === "live")
    return { transport: ladder.opening.rung, trying: [], attempt: 0, quiet: ladder.quiet, parked };
  const quiet = false;
  if (ladder.name === "stopped" || ladder.name === "parked") return { trying: [], attempt: 0, quiet, parked };
  const lastError = ladder.cause?.message;
  const { attempt } = ladder.tries;
  if (ladder.name !== "waiting") return { trying: open, attempt, lastError, quiet, parked };
  const rungs = allowedRungs(ladder.choice);
  const next = ladder.first && rungs.includes(ladder.first) ? ladder.first : rungs[0]!;
  return { trying: [next], attempt, nextTryAt: wall + ladder.until - mono, lastError, quiet, parked };
}

export function sameView(a: ConnectionView, b: ConnectionView): boolean {
  return (
    a.status === b.status &&
    a.transport === b.transport &&
    a.trying.join() === b.trying.join() &&
    a.since === b.since &&
    a.attempt === b.attempt &&
    a.lastError === b.lastError &&
    a.latencyMs === b.latencyMs &&
    a.quiet === b.quiet &&
    a.parked.join() === b.parked.join() &&
    // The same deadline, computed at two instants, may differ by a rounding error.
    Math.abs((a.nextTryAt ?? 0) - (b.nextTryAt ?? 0)) < 50
  );
}
