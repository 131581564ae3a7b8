import type { Channel } from "@/lib/shared/define-channel";
import type { KafkaOptions } from "@/lib/shared/sources/kafka";
import type { Message } from "@/lib/shared/sources/options";
import { messageValue } from "../message-value";
import type { OpenContext } from "../open-source";
import type { Stream, StreamContext } from "../stream";
import { isKafkaError, kafkaConnection, kafkaReason, openClients, within } from "./kafka-client";
import { readKafka } from "./kafka-reader";
import type { KafkaMessage } from "./kafka-records";

/** A value of more bytes is not parsed: no channel takes that much. */
const MAX_VALUE = 1_048_576;

/** A topic of JSON messages, read by a consumer group, each message stored once (S1). */
export function kafkaStream(
  channel: Channel,
  options: KafkaOptions,
  context: Pick<OpenContext, "env">,
): Stream {
  const connection = kafkaConnection(options, context);
  const { topic, from = "latest", group = `nowboard-${channel.name}`, policy, map } = options;
  /** The topic was not there when it was looked for: all that it will have is news. */
  let wasMissing = false;

  function messageOf({ key, value, at }: KafkaMessage): Message | string {
    if (value && value.length > MAX_VALUE) return `A message of ${value.length} bytes is too large`;
    const name = key?.toString("utf8");
    return {
      value: value === null ? tombstone(name) : messageValue(value),
      topic,
      at,
      ...(name !== undefined && { key: name }),
    };
  }

  /** A record without a value says that its key is no more; a table's row goes with it. */
  function tombstone(key: string | undefined): unknown {
    if (map || channel.kind !== "table" || !key) return null;
    return { [channel.table.key]: key, $delete: true };
  }

  async function run(stream: StreamContext): Promise<void> {
    const clients = openClients(connection, group, topic);
    const { member } = clients;
    const failed = new Promise<never>((_, reject) => {
      member.on("error", reject);
      // The client sends no more heartbeats after one has failed.
      member.on("consumer:heartbeat:error", ({ error }) => reject(error));
    });
    const aborted = new Promise<void>((resolve) => {
      stream.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const reading = readKafka({
      ...{ clients, stream, topic, group, messageOf },
      unknown: wasMissing ? "earliest" : from,
    });
    // Of those that lose the race nobody else hears.
    failed.catch(() => {});
    reading.done.catch(() => {});
    try {
      await Promise.race([failed, aborted, reading.done]);
      await within(reading.commit());
    } catch (error) {
      wasMissing ||= isMissing(error);
      throw isMissing(error) ? new Error(`The topic ${topic} does not exist`) : new Error(kafkaReason(error));
    } finally {
      await clients.close();
    }
    wasMissing = false;
  }

  const target = `${topic} on ${connection.bootstrapBrokers.join(", ")}`;
  return { channel, kind: "Kafka", target, run, ...(policy && { policy }), ...(map && { map }) };
}

function isMissing(error: unknown): boolean {
  return (
    isKafkaError(error, "apiId", "UNKNOWN_TOPIC_OR_PARTITION") ||
    (error instanceof Error && error.message.startsWith("Unknown topic "))
  );
}
