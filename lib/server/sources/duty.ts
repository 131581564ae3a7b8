import type { Aggregator } from "./aggregator";

/** The pull sources, while it is this node that runs them (K3). */
export interface Duty {
  begin(): void;
  /** Nothing is published from now on. */
  end(): void;
  /** What was published is gone, or may have been written over: the next readings are sent whole. */
  startOver(): void;
  /** Ends it for good; resolves when nothing is on its way any more. */
  close(): Promise<void>;
}

/**
 * How long the updates of the node that ran the sources before may still be on their way into the log, ms: as
 * long as an append may wait there.
 */
export const LEFTOVERS_MS = 8000;

/** Each turn of duty has an aggregator of its own, which begins with whole readings. */
export function createDuty(create: () => Aggregator): Duty {
  let current: Aggregator | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  let leftovers: NodeJS.Timeout | undefined;

  function end(): void {
    clearTimeout(leftovers);
    const aggregator = current;
    current = undefined;
    if (aggregator) ending = Promise.all([ending, aggregator.stop()]);
  }

  return {
    begin() {
      end();
      current = create();
      current.start();
      // Only the difference to what was said before is published: what somebody else said late would stay.
      leftovers = setTimeout(() => current?.startOver(), LEFTOVERS_MS);
      leftovers.unref();
    },
    end,
    startOver: () => current?.startOver(),
    async close() {
      end();
      await ending;
    },
  };
}
