import type { Place } from "@/lib/server/log/log";
import type { Channel } from "@/lib/shared/define-channel";
import type { Message, StreamOptions } from "@/lib/shared/sources/options";

/** The most messages that a stream hands on at a time. */
export const MAX_BATCH = 500;

/** What a stream has while it is connected. */
export interface StreamContext {
  /** Aborted when the stream is to end. */
  signal: AbortSignal;
  /** To be called once the connection works. One that does not come to it within 15 s is ended. */
  ready(): void;
  /**
   * Hands on at most `MAX_BATCH` messages, oldest first, and waits until more may come: without a policy that is once
   * they are stored, which also takes as long as the log is out of reach. With a place, what was stored before is not
   * stored again. Rejects when the stream is to end.
   */
  take(messages: readonly Message[], place?: Place): Promise<void>;
  /** Resolves once all that was taken is stored, or was left out by the policy: then a broker may forget it. */
  stored(): Promise<void>;
  /** How far these streams were read before, as the log knows it. */
  places(of: readonly string[]): Promise<Record<string, string>>;
  /** Counts messages that are not handed on, and says why in words: they are too large, or not there any more. */
  refused(messages: number, reason: string): void;
  /** Says by how many messages the reading is behind, where the broker tells. */
  behind(messages: number): void;
}

/** Where a channel's data comes from, when it comes by itself. */
export interface Stream extends StreamOptions {
  channel: Channel;
  /** As people call it: "Kafka". */
  kind: string;
  /** What it reads and where, without secrets. */
  target: string;
  /**
   * Connects, and hands on messages until the signal is aborted; then it resolves, with nothing left open. Rejects when
   * the connection fails; the message is shown to viewers as the reason for missing data.
   */
  run(context: StreamContext): Promise<void>;
}
