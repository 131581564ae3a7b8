/** For how long Redis keeps a lease that is not renewed, ms: who takes over after a `kill -9` waits for that. */
export const LEASE_MS = 5000;
/**
 * The holder stops so much before Redis can have let go, ms: for clocks that do not run alike, and for what the
 * holder has to do to stop.
 */
const MARGIN_MS = 1000;

/** Where a node stands with one lease. Times are ms of this process's monotonic clock. */
export type LeaseState =
  /** Another node has it, or nobody knows. */
  | { name: "waiting"; token: string }
  /** It is ours until `until`, and longer only if Redis says so before. */
  | { name: "held"; token: string; until: number };

/** What became of a request to take or renew the lease. */
export interface Answer {
  /** The token that was asked with: an answer to an older one says nothing. */
  token: string;
  /** When the request was about to be sent: Redis counts from a later time, so ours ends first. */
  sentAt: number;
  granted: boolean;
}

/** A token is good for one holding: what was begun under an older one is told from it. */
export function initialLease(token: string): LeaseState {
  return { name: "waiting", token };
}

/**
 * Takes in an answer. `nextToken` is used when a holding ends. An answer that comes when its time is already over
 * grants nothing, though Redis may hold the lease for that token: it is asked for again with the same one.
 */
export function answered(state: LeaseState, answer: Answer, now: number, nextToken: string): LeaseState {
  const current = expire(state, now, nextToken);
  if (answer.token !== current.token) return current;
  if (!answer.granted) return current.name === "held" ? initialLease(nextToken) : current;
  const until = answer.sentAt + LEASE_MS - MARGIN_MS;
  if (now >= until) return current;
  // Answers may overtake each other; the later request is the one that counts.
  if (current.name === "held" && current.until >= until) return current;
  return { name: "held", token: current.token, until };
}

/** Ends a holding whose time is over. Nobody has to say so. */
export function expire(state: LeaseState, now: number, nextToken: string): LeaseState {
  return state.name === "held" && now >= state.until ? initialLease(nextToken) : state;
}
