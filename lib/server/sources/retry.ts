import { CodedError, codeOf } from "@/lib/shared/codes";
import type { Clock } from "./clock";

/** The pause before the log is tried again: random, below a bound that doubles from one to the other (ms). */
const RETRY_FROM_MS = 200;
const RETRY_TO_MS = 5000;
/** After these nothing was stored, or a place tells that it was: the same is tried again. */
const AGAIN = new Set(["log_busy", "log_unavailable", "storage_full", "overloaded", "unknown_outcome"]);

export interface Retry {
  clock: Clock;
  signal: AbortSignal;
  /** Is told of each failure after which it is tried again. */
  stuck?: (error: unknown) => void;
}

/** Asks the log until it answers; other errors, and the signal's end, are the caller's. `tries` begins at 0. */
export async function untilItAnswers<T>(
  ask: (tries: number) => Promise<T>,
  { clock, signal, stuck }: Retry,
): Promise<T> {
  for (let tries = 0, bound = RETRY_FROM_MS; ; tries++, bound = Math.min(RETRY_TO_MS, 2 * bound)) {
    if (signal.aborted) throw new CodedError("stopping");
    try {
      return await ask(tries);
    } catch (error) {
      if (!AGAIN.has(codeOf(error) ?? "")) throw error;
      stuck?.(error);
      await pause(clock, clock.random() * bound, signal);
    }
  }
}

/** Waits, or rejects with `stopping` as soon as the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new CodedError("stopping"));
    const abort = () => {
      clock.clearTimeout(timer);
      reject(new CodedError("stopping"));
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
