import type { Running } from "./run-sources";

/** The sources, while it is this node that runs them (K3). */
export interface Duty {
  /** They, while they run here. */
  readonly running: Running | undefined;
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

/** Each turn of duty begins anew, with whole readings. */
export function createDuty(create: () => Running): Duty {
  let current: Running | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  let leftovers: NodeJS.Timeout | undefined;

  function end(): void {
    clearTimeout(leftovers);
    const stopped = current;
    current = undefined;
    if (stopped) ending = Promise.all([ending, stopped.stop()]);
  }

  return {
    get running() {
      return current;
    },
    begin() {
      end();
      current = create();
      current.start();
      // Only the difference to what was said before is published: what somebody else said late would stay.
      leftovers = setTimeout(() => current?.sendWhole(), LEFTOVERS_MS);
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
