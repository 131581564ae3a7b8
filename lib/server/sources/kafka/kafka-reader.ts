import { ListOffsetTimestamps } from "@platformatic/kafka";
import type { Message } from "@/lib/shared/sources/options";
import { SYSTEM_CLOCK } from "../clock";
import { pause } from "../retry";
import type { StreamContext } from "../stream";
import type { KafkaClients } from "./kafka-client";
import { fetchPartitions, isOutOfRange, type KafkaTopic, sayGone } from "./kafka-fetch";
import { beginAt, generationOf, type Position } from "./kafka-places";
import type { KafkaMessage } from "./kafka-records";

/** How often the topic is looked at: it may get more partitions, or be made anew. */
const LOOK_MS = 5000;
/** How often the group is told how far it has read. */
const COMMIT_MS = 1000;
/** A partition's leader may move: so often and so long is tried again before the connection counts as failed. */
const MOVES = 8;
const MOVED_MS = 400;

interface Reading {
  clients: KafkaClients;
  stream: StreamContext;
  topic: string;
  group: string;
  /** Where a topic begins that neither log nor group knows. */
  unknown: "latest" | "earliest";
  messageOf(message: KafkaMessage): Message | string;
}

/**
 * Reads the partitions that the group gives to this member, until it fails or the stream is aborted: `done` rejects.
 * `commit` tells the group how far all is stored.
 */
export function readKafka({ clients, stream, topic, group, ...rest }: Reading) {
  const { messageOf } = rest;
  let { unknown } = rest;
  const { member, reader } = clients;
  const { signal } = stream;
  /** Ends when the partitions are assigned anew. */
  let round = new AbortController();
  let positions: Position[] = [];
  const committed = new Map<number, number>();
  const nameOf = (partition: number) => `kafka/${group}/${topic}/${partition}`;

  async function read(): Promise<never> {
    let state = await lookAtTopic();
    member.on("consumer:group:join", () => round.abort());
    await member.joinGroup();
    let moves = 0;
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      const over = new AbortController();
      round = over;
      const mine = member.assignments?.find((assigned) => assigned.topic === topic)?.partitions ?? [];
      positions = await begin(mine, state);
      // A topic that comes under this name from now on is all news.
      unknown = "earliest";
      if (isFirst) stream.ready();
      const begun = Date.now();
      const [moved] = await Promise.all([
        fetchPartitions({ ...{ reader, topic: state, positions, stream, over }, nameOf, messageOf }),
        watchTopic(state, over),
      ]);
      if (moved) {
        moves = Date.now() - begun > MOVED_MS * MOVES ? 1 : moves + 1;
        if (moves > MOVES) throw moved;
        await pause(SYSTEM_CLOCK, MOVED_MS, signal);
      }
      const seen = await lookAtTopic();
      if (seen.id !== state.id || isOutOfRange(moved)) positions = [];
      if (seen.leaders.length !== state.leaders.length) await member.joinGroup();
      state = seen;
    }
  }

  async function lookAtTopic(): Promise<KafkaTopic> {
    const { topics } = await reader.metadata({ topics: [topic], forceUpdate: true });
    const { id, partitions } = topics.get(topic)!;
    return { name: topic, id, leaders: partitions.map(({ leader }) => leader) };
  }

  /** Ends the round when the topic has more partitions, or is another one. */
  async function watchTopic(known: KafkaTopic, over: AbortController): Promise<void> {
    const until = AbortSignal.any([signal, over.signal]);
    try {
      for (;;) {
        await pause(SYSTEM_CLOCK, LOOK_MS, until);
        const { id, leaders } = await lookAtTopic();
        if (id !== known.id || leaders.length !== known.leaders.length) return;
      }
    } catch (error) {
      if (!until.aborted) throw error;
    } finally {
      over.abort();
    }
  }

  /** Where to read on. Those that this member keeps go on: what was taken of them may not be stored yet. */
  async function begin(mine: readonly number[], { id, leaders }: KafkaTopic): Promise<Position[]> {
    const kept = positions.filter(({ partition }) => mine.includes(partition));
    if (kept.length === mine.length) return kept;
    const all = leaders.map((_, partition) => partition);
    const [places, groups, earliest, ends] = await Promise.all([
      stream.places(all.map(nameOf)),
      member.listCommittedOffsets({ topics: [{ topic, partitions: all }] }),
      reader.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.EARLIEST }),
      reader.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST }),
    ]);
    const found = all.map((partition) => ({
      partition,
      place: places[nameOf(partition)],
      committed: Number(groups.get(topic)?.[partition] ?? -1),
      earliest: Number(earliest.get(topic)![partition]),
      end: Number(ends.get(topic)![partition]),
    }));
    const isNew = found.every((one) => one.place === undefined && one.committed < 0);
    const begun = found.map((one) => beginAt(one, generationOf(id), isNew ? unknown : "earliest"));
    // What comes while nobody reads is read afterwards: from now on the topic is not new.
    if (isNew) await commitOffsets(begun);
    return mine.map((partition) => {
      const before = kept.find((position) => position.partition === partition);
      if (before) return before;
      const { gone, ...position } = begun[partition]!;
      sayGone(stream, gone);
      return position;
    });
  }

  /** People see in the group how far the source is; it does not read on from there while the log knows better. */
  async function commit(): Promise<void> {
    const read = positions.map(({ partition, next }) => ({ partition, next }));
    await stream.stored();
    const still = new Set(positions.map(({ partition }) => partition));
    await commitOffsets(
      read.filter(({ partition, next }) => still.has(partition) && committed.get(partition) !== next),
    );
  }

  async function commitOffsets(read: readonly Pick<Position, "partition" | "next">[]): Promise<void> {
    if (read.length === 0) return;
    const offsets = read.map(({ partition, next }) => ({
      topic,
      partition,
      offset: BigInt(next),
      leaderEpoch: -1,
    }));
    await member.commit({ offsets });
    for (const { partition, next } of read) committed.set(partition, next);
  }

  /** What is not stored although it was taken fails the connection. What the group says to it does not. */
  async function keepCommitting(): Promise<never> {
    for (;;) {
      await pause(SYSTEM_CLOCK, COMMIT_MS, signal);
      await stream.stored();
      await commit().catch(() => {});
    }
  }

  return { done: Promise.all([read(), keepCommitting()]), commit };
}
