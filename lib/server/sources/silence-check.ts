import { SYSTEM_CLOCK } from "./clock";
import { pause } from "./retry";

/** How long nothing may come before a connection is asked, ms. */
const CHECK_MS = 8000;
/** How long it may then take to answer, ms. */
export const ANSWER_LIMIT_MS = 4000;

/** Tells a connection that went silent from one on which nothing happens. */
export interface SilenceCheck {
  /** Something came. In a flood an answer comes behind all messages; that they come is answer enough. */
  heard(): void;
  /** Rejects with what `ask` does once an answer does not come, and when the signal is aborted. */
  run(signal: AbortSignal): Promise<never>;
}

/** `ask` resolves with any answer of the other side, and rejects when none comes in time. */
export function checkSilence(ask: () => Promise<unknown>): SilenceCheck {
  let isHeard = false;
  return {
    heard() {
      isHeard = true;
    },
    async run(signal) {
      for (;;) {
        await pause(SYSTEM_CLOCK, CHECK_MS, signal);
        if (!isHeard)
          await ask().catch((error) => {
            if (!isHeard) throw error;
          });
        isHeard = false;
      }
    },
  };
}
