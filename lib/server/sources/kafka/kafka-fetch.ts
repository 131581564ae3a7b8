import type { Place } from "@/lib/server/log/log";
import type { Message } from "@/lib/shared/sources/options";
import { MAX_BATCH, type StreamContext } from "../stream";
import { FETCH_PARTITION_BYTES, isKafkaError, type KafkaClients } from "./kafka-client";
import { generationOf, type Position, placeOf } from "./kafka-places";
import { type FetchedPartition, type KafkaMessage, messagesOf } from "./kafka-records";

/** The topic, as its brokers last described it. */
export interface KafkaTopic {
  name: string;
  id: string;
  /** The leader of each partition. */
  leaders: readonly number[];
}

interface Fetching {
  reader: KafkaClients["reader"];
  topic: KafkaTopic;
  positions: readonly Position[];
  stream: StreamContext;
  /** Ends the reading, after what is taken just now. */
  over: AbortController;
  nameOf(partition: number): Place["of"];
  /** The message for the channel, or why it is not handed on. */
  messageOf(message: KafkaMessage): Message | string;
}

/**
 * Reads these partitions and moves their positions, from each leader by itself, until it is `over`. Nothing more is
 * fetched from a leader while what it sent is not taken. Resolves with an error when the partitions are to be looked at
 * again: somebody else leads one by now, or what was asked for is not there. Rejects when one of them fails.
 */
export async function fetchPartitions(fetching: Fetching): Promise<Error | undefined> {
  const { topic, positions, over } = fetching;
  const leaders = new Set(positions.map(({ partition }) => topic.leaders[partition]!));
  const readings = [...leaders].map((leader) => followLeader(leader, fetching).finally(() => over.abort()));
  const ended = await Promise.allSettled(readings);
  const errors = ended.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  const fatal = errors.find((error) => !isStale(error));
  if (fatal) throw fatal;
  return errors[0];
}

function isStale(error: unknown): boolean {
  return isKafkaError(error, "hasStaleMetadata", true) || isOutOfRange(error);
}

/** What is asked for was deleted, or the broker lost it and what came after it. */
export function isOutOfRange(error: unknown): boolean {
  return isKafkaError(error, "apiId", "OFFSET_OUT_OF_RANGE");
}

async function followLeader(leader: number, fetching: Fetching): Promise<void> {
  const { reader, topic, over, stream } = fetching;
  const own = fetching.positions.filter(({ partition }) => topic.leaders[partition] === leader);
  while (!over.signal.aborted) {
    const topics = [{ topicId: topic.id, partitions: own.map(asked) }];
    const { responses } = await reader.fetch({ node: leader, topics });
    for (const answer of responses.flatMap(({ partitions }) => partitions))
      await takePartition(answer, fetching);
    stream.behind(fetching.positions.reduce((sum, { end, next }) => sum + Math.max(0, end - next), 0));
    // A broker fills its answer in the order in which it is asked: each is the first in its turn.
    own.push(own.shift()!);
  }
}

function asked({ partition, next }: Position) {
  const epochs = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
  return { partition, fetchOffset: BigInt(next), partitionMaxBytes: FETCH_PARTITION_BYTES, ...epochs };
}

async function takePartition(answer: FetchedPartition, fetching: Fetching): Promise<void> {
  const { positions, topic, stream, over, nameOf, messageOf } = fetching;
  const position = positions.find(({ partition }) => partition === answer.partitionIndex);
  if (!position) return;
  position.end = Number(answer.highWatermark);
  const { messages, next } = messagesOf(answer, position.next);
  for (let i = 0; i < messages.length; i += MAX_BATCH) {
    // Who has the partition now reads on from what is stored.
    if (over.signal.aborted) return;
    const part = messages.slice(i, i + MAX_BATCH);
    const to = i + MAX_BATCH < messages.length ? part.at(-1)!.offset + 1 : next;
    const place = placeOf(nameOf(position.partition), generationOf(topic.id), position, to);
    await stream.take(handedOn(part, stream, messageOf), place);
    Object.assign(position, { next: to, anew: false });
  }
  if (!over.signal.aborted) position.next = next;
}

function handedOn(part: KafkaMessage[], stream: StreamContext, messageOf: Fetching["messageOf"]): Message[] {
  const messages: Message[] = [];
  for (const one of part) {
    const message = messageOf(one);
    if (typeof message === "string") stream.refused(1, message);
    else messages.push(message);
  }
  return messages;
}

/** Tells that messages were deleted before they were read. */
export function sayGone(stream: StreamContext, messages: number): void {
  if (messages > 0) stream.refused(messages, `${messages} messages were deleted before they were read`);
}
