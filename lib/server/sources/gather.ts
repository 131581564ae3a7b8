import { messageValue } from "./message-value";
import { MAX_BATCH, type StreamContext } from "./stream";

/** So many messages of a sender that cannot be slowed down wait at most; and so many characters. */
const MAX_WAITING = 10_000;
const MAX_CHARACTERS = 16_777_216;

/** What a sender that cannot be slowed down has sent, handed on in batches. */
export interface Gathered {
  /** When too much waits, the oldest is left out, and counted; so is a message that is too large by itself. */
  push(text: string, topic: string): void;
  /** Rejects once nothing more can be handed on. */
  over: Promise<never>;
}

/** Texts are parsed when they are handed on, so that what is left out costs next to nothing. */
export function gather({ take, leftOut }: Pick<StreamContext, "take" | "leftOut">): Gathered {
  let waiting: { text: string; topic: string }[] = [];
  /** Where in `waiting` the oldest is: to move all others for each that goes is slow. */
  let first = 0;
  let characters = 0;
  let isTaking = false;
  let fail: (error: unknown) => void = () => {};
  const over = new Promise<never>((_, reject) => {
    fail = reject;
  });
  over.catch(() => {});

  function shift(): { text: string; topic: string } | undefined {
    const oldest = waiting[first];
    if (!oldest) return undefined;
    first += 1;
    characters -= oldest.text.length;
    if (first >= MAX_WAITING || first === waiting.length) {
      waiting = waiting.slice(first);
      first = 0;
    }
    return oldest;
  }

  function nextBatch() {
    const batch = [];
    while (batch.length < MAX_BATCH) {
      const oldest = shift();
      if (!oldest) break;
      batch.push({ value: messageValue(oldest.text), topic: oldest.topic });
    }
    return batch;
  }

  async function handOn(): Promise<void> {
    isTaking = true;
    try {
      while (waiting.length > 0) await take(nextBatch());
      isTaking = false;
    } catch (error) {
      fail(error);
    }
  }

  return {
    push(text, topic) {
      if (text.length > MAX_CHARACTERS) return leftOut(1);
      waiting.push({ text, topic });
      characters += text.length;
      while (waiting.length - first > MAX_WAITING || characters > MAX_CHARACTERS) {
        shift();
        leftOut(1);
      }
      if (!isTaking) void handOn();
    },
    over,
  };
}
