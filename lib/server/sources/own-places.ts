import type { Log, Place } from "@/lib/server/log/log";
import { type Retry, untilItAnswers } from "./retry";

/** Gives places to messages that have none, so that an append whose outcome is unknown can be tried again. */
export interface OwnPlaces {
  /** What the places are called in the log. */
  readonly of: string;
  /** For one connection: gives one place after the other, once the log has told where they go on. */
  begin(retry: Retry): () => Promise<Place>;
}

/**
 * Each connection counts from a number that is above all that came before. An append of the connection before, still on
 * its way, then neither makes one of this connection look like a repetition nor moves the place past it.
 */
export function ownPlaces(channel: string, places: Log["places"]): OwnPlaces {
  const of = `source/${channel}`;
  let newest = 0;

  async function claim(retry: Retry): Promise<number> {
    const known = await untilItAnswers(() => places([of]), retry);
    const stored = Number(known[of]?.split("-")[0] ?? 0);
    // Of two nodes the one that runs the sources later is likely to have the later clock, too.
    newest = Math.max(retry.clock.now(), newest + 1, stored + 1);
    return newest;
  }

  return {
    of,
    begin(retry) {
      let claimed: Promise<number> | undefined;
      let appended = 0;
      return async () => {
        claimed ??= claim(retry);
        const from = await claimed;
        const n = appended++;
        return { of, after: `${from}-${n}`, to: `${from}-${n + 1}` };
      };
    },
  };
}
