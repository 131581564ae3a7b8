import type { IPublishPacket } from "mqtt";
import type { Message } from "@/lib/shared/sources/options";
import { messageValue } from "../message-value";
import { MAX_BATCH, type StreamContext } from "../stream";

/** So many messages of QoS 0, whose sender nobody slows down, wait at most; and so many bytes. */
const MAX_WAITING = 5000;
const MAX_BYTES = 16_777_216;

/** What came and is not stored yet. */
export interface Inbox {
  /** One that is not wanted is only acknowledged, in its turn. */
  put(packet: IPublishPacket, isWanted: boolean): void;
  /** Rejects when the stream is to end. */
  done: Promise<never>;
}

/**
 * Gathers what comes while messages before it are stored, and acknowledges each afterwards, in order. Its size is bounded:
 * of QoS 1 the broker sends no more than it was told to before the first are acknowledged; of QoS 0, which nobody
 * can hold back, what is too much is left out and counted.
 */
export function createInbox(stream: StreamContext, acknowledge: (packet: IPublishPacket) => void): Inbox {
  let waiting: { packet: IPublishPacket; isWanted: boolean }[] = [];
  let bytes = 0;
  let wake = () => {};

  async function pass(): Promise<never> {
    for (;;) {
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      for (const { packet } of batch) bytes -= packet.payload.length;
      const messages = batch.filter(({ isWanted }) => isWanted).map(({ packet }) => messageOf(packet));
      if (messages.length > 0) await stream.take(messages);
      for (const { packet } of batch) if (packet.qos > 0) acknowledge(packet);
    }
  }

  const done = pass();
  done.catch(() => {});
  return {
    done,
    put(packet, isWanted) {
      if (packet.qos === 0 && !isWanted) return;
      if (packet.qos === 0 && (waiting.length >= MAX_WAITING || bytes >= MAX_BYTES))
        return stream.refused(1, "Messages with QoS 0 came faster than they can be stored");
      waiting.push({ packet, isWanted });
      bytes += packet.payload.length;
      wake();
    },
  };
}

function messageOf({ payload, topic }: IPublishPacket): Message {
  return { value: messageValue(Buffer.from(payload)), topic };
}
