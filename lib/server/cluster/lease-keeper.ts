import { randomUUID } from "node:crypto";
import { answered, expire, initialLease, type LeaseState } from "./lease";

/** How often the holder renews its lease, ms: a few attempts fit before it would have to stop. */
const RENEW_MS = 1000;
/** How often others ask for it, ms: so long nobody has it after it was given up. */
const ASK_MS = 500;
/** How long an answer is waited for, ms. */
const ANSWER_MS = 1000;

export interface LeaseEvents {
  onGained(): void;
  /** Nothing may be done in the lease's name from now on. */
  onLost(): void;
}

export interface Lease {
  /** Is it ours at this moment? To be asked before each act: timers are late on a stalled event loop. */
  readonly isHeld: boolean;
  /** Stops asking for it and gives it up, within a second. Never rejects. `onLost` is not called. */
  close(): Promise<void>;
}

export interface LeaseStore {
  /** Takes the lease when it is free, and renews it when `token` has it; whether `token` has it now. */
  take(token: string, limitMs: number): Promise<boolean>;
  /** Frees it when `token` has it. */
  release(token: string, limitMs: number): Promise<void>;
}

/** Asks for a lease until it is closed. What the answers mean is decided in `lease.ts`. */
export function keepLease(store: LeaseStore, { onGained, onLost }: LeaseEvents): Lease {
  let state: LeaseState = initialLease(randomUUID());
  let closed = false;
  let askTimer: NodeJS.Timeout | undefined;
  let endTimer: NodeJS.Timeout | undefined;
  let asking: Promise<void> = Promise.resolve();
  const now = () => performance.now();

  function become(next: LeaseState): void {
    const before = state;
    state = next;
    if (next === before) return;
    clearTimeout(endTimer);
    if (next.name === "held") endTimer = setTimeout(check, Math.max(0, next.until - now()));
    if (before.name === "waiting" && next.name === "held") onGained();
    if (before.name === "held" && next.name === "waiting") {
      onLost();
      // If Redis still has it for the old token, nobody else could take it before it expires.
      void store.release(before.token, ANSWER_MS).catch(() => {});
    }
  }

  /** A timer may fire a moment early. */
  function check(): void {
    become(expire(state, now(), randomUUID()));
    if (state.name === "held") endTimer = setTimeout(check, Math.max(1, state.until - now()));
  }

  async function ask(): Promise<void> {
    const { token } = state;
    const sentAt = now();
    const granted = await store.take(token, ANSWER_MS).catch(() => undefined);
    if (closed) return;
    if (granted === undefined) become(expire(state, now(), randomUUID()));
    else become(answered(state, { token, sentAt, granted }, now(), randomUUID()));
    const pause = state.name === "held" ? RENEW_MS : ASK_MS;
    // Nodes that were started together do not ask together for long.
    askTimer = setTimeout(begin, pause * (0.8 + 0.4 * Math.random()));
  }

  function begin(): void {
    asking = ask();
  }

  begin();
  return {
    get isHeld() {
      return !closed && state.name === "held" && now() < state.until;
    },

    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(askTimer);
      clearTimeout(endTimer);
      // A request under way could take it after it was given up.
      await asking;
      await store.release(state.token, ANSWER_MS).catch(() => {});
    },
  };
}
