import type { FetchResponsePartition, RecordsBatch } from "@platformatic/kafka";

const IS_CONTROL = 0b100000;
/** What a control record's key says in its second number: the transaction was taken back. */
const ABORT = 0;

/** One record, where it stands, and when it was made. */
export interface KafkaMessage {
  offset: number;
  key: Buffer | null;
  /** `null`: a tombstone. */
  value: Buffer | null;
  /** ms since 1970. */
  at: number;
}

/** The records of a partition's answer from `from` on, and the offset behind them, from which the next ones are asked. */
export function messagesOf(
  { records = [], abortedTransactions }: Pick<FetchResponsePartition, "records" | "abortedTransactions">,
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
      messages.push({ offset, key, value, at: Number(batch.firstTimestamp + timestampDelta) });
    }
  }
  return { messages, next };
}

type Aborted = FetchResponsePartition["abortedTransactions"];

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
