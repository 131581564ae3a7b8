import type { AppendRequest } from "@/lib/server/log/log";
import type { Channel } from "@/lib/shared/define-channel";
import type { ChannelState } from "@/lib/shared/state";
import type { Clock } from "./clock";
import { downChange } from "./reading";
import { pause } from "./retry";
import { MAX_RETRY_MS } from "./source-state";

/** How long it takes at most before viewers are told again that a stream works, when the log did not take it, ms. */
const AGAIN_MS = 5000;

interface TellerOptions {
  channel: Channel;
  append(request: AppendRequest): Promise<unknown>;
  stateOf(channel: string): ChannelState | undefined;
  clock: Clock;
}

/** Tells viewers why a stream has no news, and when that is over; one after the other. */
export interface Teller {
  /** Tells the reason, once in half a minute while it is the same. Never rejects; resolves when it is told or cannot be. */
  fails(reason: string): Promise<void>;
  /** Takes the reason back, if there may be one; tried again until it is stored or the signal is aborted. */
  works(signal: AbortSignal): void;
  /** An update of the stream was stored, which takes the reason back by itself. */
  heard(): void;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
}

export function createTeller({ channel, append, stateOf, clock }: TellerOptions): Teller {
  let told: { reason: string; at: number } | undefined;
  /** A reason was sent, and may have been stored even if that failed. */
  let mayBeDown = false;
  let last: Promise<void> = Promise.resolve();

  /** What is known of the one before decides whether it is sent. Never rejects. */
  function send(reason: string, isWanted: () => boolean): Promise<void> {
    last = last.then(async () => {
      if (!isWanted()) return;
      if (reason !== "") mayBeDown = true;
      const at = clock.now();
      try {
        await append({ updates: [{ ch: channel.name, ...downChange(channel, reason) }] });
      } catch {
        // The log is out of reach, which viewers are told of anyway.
        return;
      }
      if (reason === "") mayBeDown = false;
      told = reason === "" ? undefined : { reason, at };
    });
    return last;
  }

  function isToldOf(reason: string): boolean {
    const now = clock.now();
    return told?.reason === reason && now >= told.at && now - told.at < MAX_RETRY_MS;
  }

  async function takeBack(signal: AbortSignal): Promise<void> {
    const isDown = () => mayBeDown || stateOf(channel.name)?.down !== undefined;
    const isWanted = () => !signal.aborted && isDown();
    if (!isWanted()) return;
    mayBeDown = true;
    do {
      await send("", isWanted);
      if (!mayBeDown) return;
      await pause(clock, ((1 + clock.random()) * AGAIN_MS) / 2, signal);
    } while (!signal.aborted);
  }

  return {
    fails: (reason) => send(reason, () => !isToldOf(reason)),
    works(signal) {
      takeBack(signal).catch(() => {});
    },
    heard() {
      told = undefined;
      mayBeDown = false;
    },
    settled: () => last,
  };
}
