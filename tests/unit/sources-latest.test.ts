import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewUpdate } from "@/lib/server/log/log";
import { keepLatest } from "@/lib/server/sources/latest";
import { apply, type ChannelState, emptyState, type RecordState, type TableState } from "@/lib/shared/state";
import { record, table } from "../support/scripted-stream";

const T = 1_000_000;
const set = (set: Record<string, number | null>, ts?: number): NewUpdate => ({
  ch: "meter",
  set,
  ...(ts !== undefined && { ts }),
});
const rows = (rows: NonNullable<NewUpdate["rows"]>, ts?: number): NewUpdate => ({
  ch: "shelf",
  rows,
  ...(ts !== undefined && { ts }),
});

/** The state after updates, each of which was committed at its time. */
function stateAfter<S extends ChannelState>(empty: ChannelState, updates: readonly [number, NewUpdate][]): S {
  return updates.reduce(
    (state, [at, update], i) => apply(state, { ...update, id: `${at}-${i}` }),
    empty,
  ) as S;
}

describe("of a record's metrics", () => {
  it("[S2] the newest is kept, and one update for each source time, oldest first", () => {
    const latest = keepLatest(record);
    latest.add([set({ a: 1, b: 1 }, T - 10), set({ b: 2 }, T)], T);
    latest.add([set({ a: 3 }, T - 20)], T);
    expect(latest.drain().updates).toEqual([set({ a: 1 }, T - 10), set({ b: 2 }, T)]);
    expect(latest.drain()).toEqual({ updates: [], places: [] });
  });

  it("[L6] a late one does not replace one without a source time, which is as new as it came", () => {
    const latest = keepLatest(record);
    latest.add([set({ a: 1 })], T);
    latest.add([set({ a: 2 }, T - 500)], T + 10);
    expect(latest.drain().updates).toEqual([set({ a: 1 })]);
    latest.add([set({ a: 1 }, T)], T);
    latest.add([set({ a: 2 })], T + 10);
    expect(latest.drain().updates).toEqual([set({ a: 2 })]);
  });

  it("[L6] neither a clock that steps back nor a producer's that is ahead freezes anything", () => {
    const latest = keepLatest(record);
    latest.add([set({ a: 1 })], T);
    latest.add([set({ a: 2 })], T - 60_000);
    expect(latest.drain().updates).toEqual([set({ a: 2 })]);
    latest.add([set({ a: 1 }, T + 200_000)], T);
    latest.add([set({ a: 2 })], T + 1);
    expect(latest.drain().updates).toEqual([set({ a: 2 })]);
  });

  it("[S2] what is kept comes to the same values as all of them would", () => {
    const change = fc.record({
      values: fc.dictionary(fc.constantFrom("a", "b"), fc.option(fc.integer(), { nil: null }), {
        minKeys: 1,
      }),
      age: fc.option(fc.integer({ min: -50, max: 100 }), { nil: undefined }),
      pause: fc.integer({ min: 0, max: 30 }),
      flush: fc.boolean(),
    });
    // What has no time of its own ranks by when it is stored, so mixed with what has one it is within a period only.
    const kinds = fc.constantFrom("with time", "without", "mixed");
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), kinds, (changes, kind) => {
        const latest = keepLatest(record);
        const all: [number, NewUpdate][] = [];
        const kept: [number, NewUpdate][] = [];
        let now = T;
        const flush = () => kept.push(...latest.drain().updates.map((u) => [now, u] as [number, NewUpdate]));
        for (const { values, age, pause, flush: isDue } of changes) {
          now += pause;
          const isTimed = kind === "with time" || (kind === "mixed" && age !== undefined);
          // So does one whose producer's clock is ahead.
          const ts = now - (kind === "mixed" ? (age ?? 0) : Math.max(0, age ?? 0));
          const update = set(values, isTimed ? ts : undefined);
          all.push([now, update]);
          latest.add([update], now);
          if (isDue && kind !== "mixed") flush();
        }
        flush();
        const [one, two] = [all, kept].map((updates) => stateAfter<RecordState>(emptyState(record), updates));
        expect(two!.values).toEqual(one!.values);
      }),
    );
  });
});

describe("of a table's rows", () => {
  it("[S2] what changed is put together, and a row that came again after it was deleted begins anew", () => {
    const latest = keepLatest(table);
    latest.add([rows({ x: { id: "x", n: 1 } }, T), rows({ x: { note: "y" } })], T);
    expect(latest.drain().updates).toEqual([rows({ x: { id: "x", n: 1, note: "y" } }, T)]);
    latest.add([rows({ x: null }), rows({ x: { id: "x" } }), rows({ y: null })], T);
    expect(latest.drain().updates).toEqual([rows({ x: null }), rows({ x: { id: "x" }, y: null })]);
  });

  it("[S2] what is kept comes to the same rows as all of them would", () => {
    const row = fc.option(fc.dictionary(fc.constantFrom("n", "m"), fc.integer()), { nil: null });
    const change = fc.record({ key: fc.constantFrom("x", "y", "__proto__"), row, flush: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const latest = keepLatest(table);
        const all: NewUpdate[] = [];
        const kept: NewUpdate[] = [];
        for (const { key, row, flush } of changes) {
          const update = rows(Object.fromEntries([[key, row]]));
          all.push(update);
          latest.add([update], T);
          if (flush) kept.push(...latest.drain().updates);
        }
        kept.push(...latest.drain().updates);
        const [one, two] = [all, kept].map((updates) =>
          stateAfter<TableState>(
            emptyState(table),
            updates.map((update) => [T, update]),
          ),
        );
        expect(two!.rows).toEqual(one!.rows);
      }),
    );
  });
});

it("[S1] the places of what is kept become one for each stream, from the first to the last", () => {
  const latest = keepLatest(record);
  latest.add([set({ a: 1 })], T, { of: "t/0", after: "0-0", to: "5-0" });
  latest.add([], T, { of: "t/1", after: "2-0", to: "3-0" });
  latest.add([set({ a: 2 })], T, { of: "t/0", after: "5-0", to: "9-0" });
  expect(latest.drain().places).toEqual([
    { of: "t/0", after: "0-0", to: "9-0" },
    { of: "t/1", after: "2-0", to: "3-0" },
  ]);
  // Another stream under an old name.
  latest.add([], T, { of: "t/0", after: "9-0", to: "10-0" });
  latest.add([set({ a: 3 })], T, { of: "t/0", to: "2-0" });
  latest.add([set({ a: 4 })], T, { of: "t/0", after: "2-0", to: "4-0" });
  expect(latest.drain().places).toEqual([{ of: "t/0", after: undefined, to: "4-0" }]);
});
