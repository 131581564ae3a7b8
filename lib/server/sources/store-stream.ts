import type { AppendRequest, NewUpdate, Place } from "@/lib/server/log/log";
import { CodedError, codeOf } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import type { Policy } from "@/lib/shared/sources/options";
import { TokenBuckets } from "../http/token-buckets";
import type { Clock } from "./clock";
import { keepLatest } from "./latest";

/** The pause before the log is tried again: random, below a bound that doubles from one to the other (ms). */
const RETRY_FROM_MS = 200;
const RETRY_TO_MS = 5000;
/** After these nothing was stored, or the place tells that it was: the same is tried again. */
const AGAIN = new Set(["log_busy", "log_unavailable", "storage_full", "overloaded", "unknown_outcome"]);

export interface StoreOptions {
  channel: Channel;
  policy: Policy;
  append(request: AppendRequest): Promise<unknown>;
  signal: AbortSignal;
  clock: Clock;
  /** The log does not take what is there; it is tried again. */
  stuck(error: unknown): void;
  /** So many updates were stored. */
  done(updates: number): void;
}

/** Brings what a stream hands on into the log, in order, as its policy says. One for each connection. */
export interface StreamStore {
  /** Resolves when there is room for more; gives how many were left out for good. */
  take(updates: readonly NewUpdate[], place: Place): Promise<number>;
  /** Resolves once all that was taken is stored. */
  stored(): Promise<void>;
}

export function storeStream(options: StoreOptions): StreamStore {
  const { channel, policy, append, signal, clock, stuck, done } = options;
  const latest = keepLatest(channel);
  const buckets =
    typeof policy === "object" && "sample" in policy
      ? new TokenBuckets({ burst: policy.sample, perSecond: policy.sample })
      : undefined;
  /** What was taken is stored one after the other. */
  let last: Promise<void> = Promise.resolve();
  let flushing: Promise<void> | undefined;

  async function store(updates: NewUpdate[], places: Place[]): Promise<void> {
    for (let bound = RETRY_FROM_MS; ; bound = Math.min(RETRY_TO_MS, 2 * bound)) {
      signal.throwIfAborted();
      try {
        await append({ updates, places });
        return done(updates.length);
      } catch (error) {
        if (!AGAIN.has(codeOf(error) ?? "")) throw error;
        stuck(error);
        await pause(clock, clock.random() * bound, signal);
      }
    }
  }

  function inOrder(updates: NewUpdate[], places: Place[]): Promise<void> {
    const stored = last.then(() => store(updates, places));
    last = stored;
    // Who takes or asks hears of it; the chain itself must not be an unheard rejection.
    last.catch(() => {});
    return stored;
  }

  /** Of what comes in the meantime the newest is kept. */
  async function flushLater(ms: number): Promise<void> {
    await pause(clock, ms, signal);
    flushing = undefined;
    const { updates, places } = latest.drain();
    await inOrder(updates, places);
  }

  function sampled(updates: readonly NewUpdate[]): NewUpdate[] {
    if (!buckets) return [...updates];
    return updates.filter(() => buckets.take(channel.name, clock.now(), 1) === 0);
  }

  return {
    async take(updates, place) {
      signal.throwIfAborted();
      if (typeof policy === "object" && "latest" in policy) {
        latest.add(updates, place);
        flushing ??= flushLater(policy.latest);
        flushing.catch(() => {});
        // While the log is out of reach nothing more is asked for than one period's messages.
        await last;
        return 0;
      }
      const kept = sampled(updates);
      await inOrder(kept, [place]);
      return updates.length - kept.length;
    },

    async stored() {
      await flushing;
      await last;
    },
  };
}

/** Waits, or rejects with `stopping` as soon as the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clock.clearTimeout(timer);
      reject(new CodedError("stopping"));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
  });
}
