import { describe, expect, it } from "vitest";
import { beginAt, generationOf, placeOf } from "@/lib/server/sources/kafka/kafka-places";
import { messagesOf } from "@/lib/server/sources/kafka/kafka-records";

const GENERATION = generationOf("f3b0c1d2-a4e5-4f60-8123-456789abcdef");

describe("where a partition's reading begins", () => {
  const found = { partition: 1, committed: -1, earliest: 10, end: 50 };
  const begin = (
    more: Partial<typeof found> & { place?: string },
    unknown: "latest" | "earliest" = "latest",
  ) => {
    const { next, anew, gone } = beginAt({ ...found, ...more }, GENERATION, unknown);
    return { next, anew, gone };
  };
  const at = (next: number, anew = false, gone = 0) => ({ next, anew, gone });

  it("is where the declaration says while nothing is known", () => {
    expect(begin({})).toEqual(at(50));
    expect(begin({}, "earliest")).toEqual(at(10));
  });

  it("[S1] is the log's place, whatever the group says; then what the group says", () => {
    expect(begin({ place: `${GENERATION}-30`, committed: 20 })).toEqual(at(30));
    expect(begin({ place: `${GENERATION}-30`, committed: 40 })).toEqual(at(30));
    expect(begin({ committed: 20 })).toEqual(at(20));
    expect(begin({ committed: 0 })).toEqual(at(10, false, 10));
  });

  it("[S1] is the beginning of another topic under the same name", () => {
    expect(begin({ place: "1-30", committed: 30 })).toEqual(at(10, true));
  });

  it("is the oldest message that is left, and tells how many are gone", () => {
    expect(begin({ place: `${GENERATION}-4` })).toEqual(at(10, false, 6));
  });

  it("is the end where the broker has lost what was read", () => {
    expect(begin({ place: `${GENERATION}-90` })).toEqual(at(50, true));
    expect(begin({ committed: 90 })).toEqual(at(50));
  });

  it("is kept as a place of two exact numbers", () => {
    expect(Number.isSafeInteger(GENERATION)).toBe(true);
    const position = { partition: 1, next: 10, anew: false, end: 50 };
    expect(placeOf("p", GENERATION, position, 12)).toEqual({
      of: "p",
      after: `${GENERATION}-10`,
      to: `${GENERATION}-12`,
    });
    expect(placeOf("p", GENERATION, { ...position, anew: true }, 12)).toEqual({
      of: "p",
      to: `${GENERATION}-12`,
    });
  });
});

describe("the messages of an answer", () => {
  type Part = Parameters<typeof messagesOf>[0];
  const TRANSACTION = 0b10000;
  const CONTROL = 0b110000;
  const key = (type: number) => Buffer.from([0, 0, 0, type]);

  function batch(firstOffset: number, count: number, attributes = 0, producerId = 7, records = count) {
    return {
      ...{
        firstOffset: BigInt(firstOffset),
        lastOffsetDelta: count - 1,
        attributes,
        producerId: BigInt(producerId),
      },
      ...{ firstTimestamp: 1000n, maxTimestamp: 5000n },
      records: Array.from({ length: records }, (_, i) => ({
        ...{ offsetDelta: i, timestampDelta: BigInt(i), key: null, value: Buffer.from("1") },
      })),
    };
  }
  const marker = (offset: number, type: number, producerId = 7) => ({
    ...batch(offset, 1, CONTROL, producerId),
    records: [{ offsetDelta: 0, timestampDelta: 0n, key: key(type), value: null }],
  });
  const read = (records: unknown[], aborted: [producer: number, first: number][] = [], from = 0) => {
    const abortedTransactions = aborted.map(([id, first]) => ({
      producerId: BigInt(id),
      firstOffset: BigInt(first),
    }));
    const { messages, next } = messagesOf({ records, abortedTransactions } as Part, from);
    return { offsets: messages.map(({ offset }) => offset), next, at: messages[0]?.at };
  };

  it("begin where they were asked for, though their batch begins before", () => {
    expect(read([batch(0, 4), batch(4, 2)], [], 3)).toEqual({ offsets: [3, 4, 5], next: 6, at: 1003 });
  });

  it("leave behind what was compacted away, and markers", () => {
    expect(read([batch(0, 4, TRANSACTION, 7, 2), marker(4, 1)])).toMatchObject({ offsets: [0, 1], next: 5 });
    expect(read([], [], 9)).toEqual({ offsets: [], next: 9, at: undefined });
  });

  it("have the broker's time where the topic says so", () => {
    expect(read([batch(0, 2, 0b1000)]).at).toBe(5000);
  });

  it("are without transactions that were taken back, one after the other, or without an end yet", () => {
    const records = [
      batch(0, 2, TRANSACTION),
      batch(2, 1, TRANSACTION, 8),
      marker(3, 0),
      batch(4, 2, TRANSACTION),
      marker(6, 1),
      batch(7, 2, TRANSACTION),
      marker(9, 0),
      batch(10, 2, TRANSACTION),
      marker(12, 1, 8),
    ];
    const aborted: [number, number][] = [
      [7, 0],
      [7, 7],
      [7, 10],
    ];
    expect(read(records, aborted)).toMatchObject({ offsets: [2, 4, 5], next: 13 });
  });
});
