import { CodedError } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import type { History } from "@/lib/shared/history";
import type { Archive } from "./archive";
import { MOST_AHEAD_MS } from "./archiving";
import type { Archivist } from "./archivist";
import { checkQuery, type HistoryQuery } from "./history-query";
import { chooseTier, type Retention } from "./tiers";

/** How long an answer waits for what the archive does not have yet, ms. */
export const CATCH_UP_MS = 500;
const ANSWER_LIMIT_MS = 5000;

export interface HistoryReaderOptions {
  archive: Pick<Archive, "range">;
  archivist: Pick<Archivist, "catchUp">;
  channels: readonly Channel[];
  retention: Retention;
  now: () => number;
  /** Told how long a range took, ms. */
  measured?: (ms: number) => void;
}

/** Throws what `checkQuery` does, and `history_unavailable` when the archive is out of reach or too slow. */
export type ReadHistory = (query: HistoryQuery) => Promise<History>;

/** Answers ranges (A3). What the log has by now and the archive has not is folded first, where this node archives. */
export function createHistoryReader(options: HistoryReaderOptions): ReadHistory {
  const { archive, archivist, channels, retention, now, measured = () => {} } = options;
  /** As far as the archive has been seen to reach, ms. */
  let reached = 0;
  /** Many ask for the same when all come back at once: they share one answer. */
  const underWay = new Map<string, Promise<History>>();

  async function read(
    channel: string,
    metrics: readonly string[],
    { from, to, step, width }: ReturnType<typeof chooseTier>,
  ): Promise<History> {
    // The clock was set back since: what was reached then says nothing of now.
    if (reached > now() + MOST_AHEAD_MS) reached = 0;
    if (to > reached) await archivist.catchUp(CATCH_UP_MS);
    const started = performance.now();
    const answer = await within(archive.range({ channel, metrics: [...metrics], from, to, step, width }));
    measured(performance.now() - started);
    // The archive learns only with its next batch that a clock was far ahead; until then nobody else may believe it.
    const until = believed(answer.until ?? 0, now());
    reached = Math.max(reached, until);
    return {
      channel,
      ...{ from, to, step, tier: width, until },
      metrics: answer.metrics,
      outages: answer.outages,
    };
  }

  return async (asked) => {
    const { channel, metrics, ...range } = checkQuery(asked, channels, now());
    const tier = chooseTier(range, retention, now());
    const key = JSON.stringify([channel, metrics, tier]);
    const answer = underWay.get(key) ?? read(channel, metrics, tier).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };
}

/** `at`, unless a clock must have been wrong that told it: then `now`. Both in ms. */
function believed(at: number, now: number): number {
  return at > now + MOST_AHEAD_MS ? now : at;
}

/** The archive's answer, or `history_unavailable` when it takes too long. */
export async function within<T>(answer: Promise<T>, ms = ANSWER_LIMIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError("history_unavailable", "The archive is too slow")), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
