import { AskedToWait } from "./asked-to-wait";
import type { Clock } from "./clock";
import type { ReadContext, Source } from "./define-source";
import { clean } from "./reading";
import type { Outcome } from "./source-state";

/** One read of a source. Neither promise rejects. */
export interface Attempt {
  /** The reading or why there is none; at the latest when the timeout is over. */
  outcome: Promise<Outcome>;
  /** Resolves when the source itself has ended: later, if it was cut and does not heed its signal. */
  over: Promise<unknown>;
  /** Ends the attempt now. */
  cut(): void;
}

/** Begins a read and cuts it at the source's timeout: what comes later is discarded. */
export function beginRead(source: Source, clock: Clock): Attempt {
  const abort = new AbortController();
  const cut = () => abort.abort();
  const timer = clock.setTimeout(cut, source.timeout);
  const silence = new Promise<Outcome>((resolve) => {
    const failed = `No answer within ${source.timeout / 1000} s`;
    abort.signal.addEventListener("abort", () => resolve({ failed }));
  });
  const over = outcomeOf(source, { signal: abort.signal, now: clock.now() });
  const outcome = Promise.race([silence, over]).finally(() => clock.clearTimeout(timer));
  return { outcome, over, cut };
}

async function outcomeOf(source: Source, context: ReadContext): Promise<Outcome> {
  try {
    return { reading: clean(source.channel, await source.read(context)) };
  } catch (error) {
    return { failed: inWords(error), askedMs: askedToWait(error) };
  }
}

/** How long a source is not to be asked again, ms, where the error says so. */
function askedToWait(error: unknown): number | undefined {
  return error instanceof AskedToWait ? error.retryAfterMs : undefined;
}

/** An error as viewers may read it: one short line, without the password of an address. */
export function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .split("\n", 1)[0]!
    .replace(/\/\/[^/\s]*@/g, "//…@")
    .trim();
  return line.slice(0, 200) || "The source failed without a reason";
}
