import type { Appended, AppendRequest, NewUpdate, Place } from "@/lib/server/log/log";
import { CodedError } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import type { Policy } from "@/lib/shared/sources/options";
import { TokenBuckets } from "../http/token-buckets";
import type { Clock } from "./clock";
import { keepLatest } from "./latest";
import { pause, untilItAnswers } from "./retry";

export interface StoreOptions {
  channel: Channel;
  policy: Policy;
  append(request: AppendRequest): Promise<unknown>;
  signal: AbortSignal;
  clock: Clock;
  /** What the places are called that are the runner's own: nobody else moves them on. */
  ownPlace: string;
  /** The log does not take what is there; it is tried again. */
  stuck(error: unknown): void;
  /** It will never take it: nothing more is stored. */
  failed(error: unknown): void;
  /** So many updates were stored. */
  done(updates: number): void;
}

/** Brings what a stream hands on into the log, in order, as its policy says. One for each connection. */
export interface StreamStore {
  /** Resolves when there is room for more; gives how many were left out for good. */
  take(updates: readonly NewUpdate[], place: Place): Promise<number>;
  /** Resolves once all that was taken is stored. */
  stored(): Promise<void>;
  /**
   * To be called when the signal is aborted. What waits for its period and would not come again is stored, if the log
   * takes it at once; resolves when no append is under way and none will be begun. Never rejects.
   */
  close(): Promise<void>;
}

export function storeStream(options: StoreOptions): StreamStore {
  const { channel, policy, append, signal, clock, ownPlace, stuck, failed, done } = options;
  const latest = keepLatest(channel);
  const buckets =
    typeof policy === "object" && "sample" in policy
      ? new TokenBuckets({ burst: policy.sample, perSecond: policy.sample })
      : undefined;
  /** What was taken is stored one after the other. */
  let last: Promise<void> = Promise.resolve();
  let flushing: Promise<void> | undefined;

  const isOwn = (places: Place[]) => places.every(({ of }) => of === ownPlace);

  async function store(updates: NewUpdate[], places: Place[]): Promise<void> {
    // Nothing to store, and nothing to remember for anybody.
    if (updates.length === 0 && isOwn(places)) return;
    const request = { updates, places };
    const isRepeated = await untilItAnswers(
      // After a try whose outcome is unknown, to be there already means that this very one was stored.
      async (tries) => wasThere(await append(request)) && tries === 0,
      { clock, signal, stuck },
    );
    // Somebody else counts on from the same number, so this was not stored although it looks so.
    if (isRepeated && isOwn(places)) throw new CodedError("place_passed");
    done(isRepeated ? 0 : updates.length);
  }

  function inOrder(updates: NewUpdate[], places: Place[]): Promise<void> {
    const stored = last.then(() => store(updates, places));
    last = stored;
    // Who takes or asks hears of it, if anybody does: the connection has to end all the same.
    last.catch(failed);
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
      if (signal.aborted) throw new CodedError("stopping");
      if (typeof policy === "object" && "latest" in policy) {
        latest.add(updates, clock.now(), place);
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

    async close() {
      await last.catch(() => {});
      const { updates, places } = latest.drain();
      if (updates.length === 0 || !isOwn(places)) return;
      await append({ updates, places }).then(
        () => done(updates.length),
        () => {},
      );
    },
  };
}

function wasThere(appended: unknown): boolean {
  return (appended as Partial<Appended> | undefined)?.replayed === true;
}
