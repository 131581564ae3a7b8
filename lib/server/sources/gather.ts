import type { Message } from "@/lib/shared/sources/options";
import { MAX_BATCH, type StreamContext } from "./stream";

/** The most messages of a sender that cannot be slowed down that wait to be taken. */
const MAX_WAITING = 10_000;

/** What a sender that cannot be slowed down has sent, handed on in batches. */
export interface Gathered {
  /** When too many wait, the oldest is left out, and counted. */
  push(message: Message): void;
  /** Rejects once nothing more can be handed on. */
  over: Promise<never>;
}

export function gather({ take, leftOut }: Pick<StreamContext, "take" | "leftOut">): Gathered {
  let waiting: Message[] = [];
  let isTaking = false;
  let fail: (error: unknown) => void = () => {};
  const over = new Promise<never>((_, reject) => {
    fail = reject;
  });
  over.catch(() => {});

  async function handOn(): Promise<void> {
    isTaking = true;
    try {
      while (waiting.length > 0) await take(waiting.splice(0, MAX_BATCH));
      isTaking = false;
    } catch (error) {
      fail(error);
    }
  }

  return {
    push(message) {
      waiting.push(message);
      if (waiting.length > MAX_WAITING) {
        leftOut(waiting.length - MAX_WAITING);
        waiting = waiting.slice(-MAX_WAITING);
      }
      if (!isTaking) void handOn();
    },
    over,
  };
}
