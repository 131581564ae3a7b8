import type { Consumer, RecordsBatch } from "@platformatic/kafka";

/** A partition's part of what a broker answers. */
export type FetchedPartition = Awaited<
  ReturnType<Consumer["fetch"]>
>["responses"][number]["partitions"][number];

const IS_CONTROL = 0b100000;
/** The topic says that the time is when the broker got it, which stands in the batch alone. */
const BROKER_TIME = 0b1000;
/** What a control record's key says in its second number: the transaction was taken back. */
const ABORT = 0;

/** One record, and where it stands. */
export interface KafkaMessage {
  offset: number;
  key: Buffer | null;
  /** `null`: a tombstone. */
  value: Buffer | null;
  /** When it was made, or when the broker got it, as the topic's settings say; ms since 1970. */
  at: number;
}

/** The records of a partition's answer from `from` on, and the offset behind them, from which the next ones are asked. */
export function messagesOf(
  { records = [], abortedTransactions }: Pick<FetchedPartition, "records" | "abortedTransactions">,
  from: number,
): { messages: KafkaMessage[]; next: number } {
  const messages: KafkaMessage[] = [];
  let next = from;
  for (const batch of committed(records, abortedTransactions)) {
    next = Math.max(next, Number(batch.firstOffset) + batch.lastOffsetDelta + 1);
    if (batch.attributes & IS_CONTROL || batch.records === undefined) continue;
    for (const { offsetDelta, timestampDelta, key, value } of batch.records) {
      const offset = Number(batch.firstOffset) + offsetDelta;
      // A batch is sent whole, even when what is asked for lies in its middle.
      if (offset < from) continue;
      const { attributes, firstTimestamp, maxTimestamp } = batch;
      const at = attributes & BROKER_TIME ? maxTimestamp : firstTimestamp + timestampDelta;
      messages.push({ offset, key, value, at: Number(at) });
    }
  }
  return { messages, next };
}

type Aborted = FetchedPartition["abortedTransactions"];

/**
 * Empties the batches of transactions that were taken back. A broker names these with where they begin; each ends with
 * its producer's next control record, which may come in a later answer only.
 */
function committed(batches: readonly RecordsBatch[], aborted: Aborted): RecordsBatch[] {
  const waiting = [...(aborted ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const open = new Set<bigint>();
  return batches.map((batch) => {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (waiting[0] && waiting[0].firstOffset <= last) open.add(waiting.shift()!.producerId);
    if (batch.attributes & IS_CONTROL) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) open.delete(batch.producerId);
      return batch;
    }
    return open.has(batch.producerId) ? { ...batch, records: [] } : batch;
  });
}
