import type { NewUpdate } from "@/lib/server/log/log";
import type { Message } from "@/lib/shared/sources/options";
import type { ChannelState } from "@/lib/shared/state";
import { inWords } from "./attempt";
import type { Stream } from "./stream";

/** What a message comes to: updates, or why it is of no use; both when a part of it is. */
export type ToUpdates = (message: Message, now: number) => { updates: NewUpdate[]; rejected?: string };

interface Checks {
  validate(value: unknown, now: number): NewUpdate;
  stateOf(channel: string): ChannelState | undefined;
}

/** Maps and checks a stream's messages. What the channel cannot take is refused with a reason and harms nothing else. */
export function updatesOf({ channel, map }: Stream, { validate, stateOf }: Checks): ToUpdates {
  const state = stateOf(channel.name);
  /** A table's keys, as far as this connection knows: to count the rows of ten thousand for each message is slow. */
  const keys = new Set(state?.kind === "table" ? Object.keys(state.rows) : []);

  function fits(update: NewUpdate): boolean {
    if (channel.kind !== "table") return true;
    for (const [key, row] of Object.entries(update.rows ?? {})) {
      if (row === null) keys.delete(key);
      else if (keys.size >= channel.maxRows && !keys.has(key)) return false;
      else keys.add(key);
    }
    return true;
  }

  return (message, now) => {
    const updates: NewUpdate[] = [];
    let rejected: string | undefined;
    try {
      const mapped = map ? map(message) : message.value;
      if (mapped === null || mapped === undefined) return { updates };
      if (mapped instanceof Promise) {
        // Unheard, its rejection would end the process.
        mapped.catch(() => {});
        throw new Error("it gave a promise");
      }
      for (const value of [mapped].flat(1)) {
        try {
          const update = validate(value, now);
          if (fits(update)) updates.push(update);
          else rejected = "The table holds as many rows as it may";
        } catch (error) {
          rejected = inWords(error);
        }
      }
    } catch (error) {
      rejected = `The mapping failed: ${inWords(error)}`;
    }
    return { updates, rejected };
  };
}
