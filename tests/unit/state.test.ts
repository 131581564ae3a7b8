import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareIds, idMs } from "@/lib/shared/cursor";
import {
  apply,
  type ChannelState,
  commitTime,
  emptyState,
  type FeedState,
  type RecordState,
  rowAt,
  sourceTime,
  type TableState,
  type Update,
} from "@/lib/shared/state";
import { updateRun } from "../support/live-arbitraries";
import { gauges, stock, testChannels, visits } from "../support/live-channels";

const record = (...updates: Partial<Update>[]) => fold(emptyState(gauges), updates) as RecordState;
const table = (...updates: Partial<Update>[]) => fold(emptyState(stock), updates) as TableState;
const feed = (...updates: Partial<Update>[]) => fold(emptyState(visits), updates) as FeedState;

function fold(state: ChannelState, updates: Partial<Update>[]): ChannelState {
  return updates.reduce<ChannelState>(
    (state, update) => apply(state, { ch: "x", ...update } as Update),
    state,
  );
}

/** The state of every channel after a run. */
function states(updates: Update[], from?: Record<string, ChannelState>): Record<string, ChannelState> {
  const result = { ...(from ?? Object.fromEntries(testChannels.map((ch) => [ch.name, emptyState(ch)]))) };
  for (const update of updates) result[update.ch] = apply(result[update.ch]!, update);
  return result;
}

function freeze<T>(value: T): T {
  for (const part of Object.values(value ?? {})) if (typeof part === "object") freeze(part);
  return Object.freeze(value);
}

describe("any state", () => {
  it("[L6] is the same from a snapshot and the updates after it as from all updates", () => {
    fc.assert(
      fc.property(updateRun(), fc.nat(), (updates, cut) => {
        const place = cut % (updates.length + 1);
        const snapshot = JSON.parse(JSON.stringify(states(updates.slice(0, place))));
        const resumed = states(updates.slice(place), snapshot);
        expect(JSON.parse(JSON.stringify(resumed))).toEqual(JSON.parse(JSON.stringify(states(updates))));
      }),
    );
  });

  it("[L6] leaves what it is given as it is", () => {
    fc.assert(
      fc.property(updateRun(), (updates) => {
        let all = freeze(states([]));
        for (const update of freeze(updates)) all = freeze(states([update], all));
      }),
    );
  });

  it("[L6] never says that data is newer than the last commit", () => {
    fc.assert(
      fc.property(updateRun(["gauges"]), (updates) => {
        let state = emptyState(gauges);
        for (const update of updates) {
          state = apply(state, update);
          if (update.down === undefined) expect(state.asOf).toBeLessThanOrEqual(commitTime(update));
        }
      }),
    );
  });

  it("[L6] is as old as its newest reading while the clock runs forward", () => {
    fc.assert(
      fc.property(updateRun(["gauges"]), (updates) => {
        const forward = updates.filter((update) => update.at === undefined && update.down === undefined);
        const readings = forward.map((update) => Math.min(sourceTime(update), commitTime(update)));
        const { asOf } = fold(emptyState(gauges), forward);
        expect(asOf).toBe(readings.length === 0 ? null : Math.max(...readings));
      }),
    );
  });

  it("[L6] keeps everything but the reason when a source is down, and its data ages", () => {
    for (const state of [
      record({ id: "5-0", set: { a: 1 }, by: "demo" }),
      table({ id: "5-0", rows: { p: { left: 1 } } }),
      feed({ id: "5-0", items: [{ page: "/" }] }),
    ]) {
      const after = fold(state, [{ id: "900-0", down: "no answer" }]);
      expect(after).toEqual({ ...state, down: "no answer" });
      expect(after.asOf).toBe(5);
    }
  });

  it("[L6] forgets the reason at the next reading, one that changes nothing included", () => {
    const state = record(
      { id: "5-0", set: { a: 1 } },
      { id: "6-0", down: "no answer" },
      { id: "7-0", set: {} },
    );
    expect(state.down).toBeUndefined();
    expect(state).toMatchObject({ values: { a: 1 }, asOf: 7 });
  });

  it("[L6] says who produced the last reading", () => {
    expect(record({ id: "5-0", set: { a: 1 }, by: "demo" }).by).toBe("demo");
    expect(record({ id: "5-0", set: { a: 1 }, by: "demo" }, { id: "6-0", set: {} }).by).toBeUndefined();
  });

  it("[L6] does not change through an update of another kind", () => {
    const state = record({ id: "5-0", set: { a: 1 } });
    expect(fold(state, [{ id: "6-0", rows: { p: { left: 1 } } }])).toEqual(state);
    expect(fold(state, [{ id: "6-0", items: [{}] }])).toEqual(state);
  });

  it("[L6] follows a clock that steps back instead of looking fresh for as long as it stepped", () => {
    const before = record({ id: "9000-0", set: { a: 1 } });
    expect(before.asOf).toBe(9000);
    expect(fold(before, [{ id: "9000-1", at: 4000, set: { a: 2 } }]).asOf).toBe(4000);
    expect(fold(before, [{ id: "9000-1", at: 4000, ts: 3500, set: { a: 2 } }]).asOf).toBe(4000);
  });
});

describe("a record", () => {
  it("[L6] holds of each metric the reading that is last by source time, then by id", () => {
    fc.assert(
      fc.property(updateRun(["gauges"]), (updates) => {
        const state = record(...updates);
        for (const metric of ["a", "b", "c"]) {
          const readings = updates
            .filter(({ set }) => set !== undefined && Object.hasOwn(set, metric))
            .map(({ id, ts, set }) => ({ id, at: Math.min(ts ?? idMs(id), idMs(id)), value: set![metric] }));
          readings.sort((one, other) => one.at - other.at || compareIds(one.id, other.id));
          expect(state.values[metric]).toEqual(readings.at(-1)?.value);
          expect(state.ts[metric]).toEqual(readings.at(-1)?.at);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("[L6] does not let a late reading replace a newer one", () => {
    const state = record({ id: "100-0", set: { a: 1, b: 1 } }, { id: "200-0", ts: 50, set: { a: 9, c: 3 } });
    expect(state.values).toEqual({ a: 1, b: 1, c: 3 });
    expect(state.ts).toEqual({ a: 100, b: 100, c: 50 });
    expect(state.asOf).toBe(100);
  });

  it("[L6] takes the later of two readings of one instant", () => {
    expect(record({ id: "100-0", set: { a: 1 } }, { id: "200-0", ts: 100, set: { a: 2 } }).values.a).toBe(2);
  });

  it("[L6] is not frozen by a clock that steps back", () => {
    const state = record({ id: "9000-0", set: { a: 1 } }, { id: "9000-1", at: 4000, set: { a: 2 } });
    expect(state.values.a).toBe(2);
  });

  it("[L6] is not hijacked by a producer whose clock is ahead", () => {
    const state = record({ id: "1000-0", ts: 200_000, set: { a: 1 } }, { id: "2000-0", set: { a: 2 } });
    expect(state.values.a).toBe(2);
    expect(record({ id: "1000-0", ts: 200_000, set: { a: 1 } }).asOf).toBe(1000);
  });

  it("[L6] knows that an unchanged value is fresh", () => {
    const state = record({ id: "5-0", set: { a: 1 } }, { id: "900-0", set: {} });
    expect(state).toMatchObject({ values: { a: 1 }, ts: { a: 5 }, asOf: 900 });
  });

  it("[L6] holds null where a source could not say", () => {
    expect(record({ id: "5-0", set: { a: 1 } }, { id: "6-0", set: { a: null } }).values).toEqual({ a: null });
  });
});

describe("a table", () => {
  it("[L6] merges the columns of a row, adds rows and deletes them", () => {
    const state = table(
      { id: "1-0", rows: { p: { left: 1, note: "new" }, q: { left: 2 } } },
      { id: "2-0", rows: { p: { left: 0 }, q: null, r: { left: 3 } } },
    );
    expect(state.rows).toEqual({ p: { left: 0, note: "new" }, r: { left: 3 } });
    expect(state.asOf).toBe(2);
  });

  it("[L6] begins a deleted row anew, without its old columns", () => {
    const state = table(
      { id: "1-0", rows: { p: { left: 1, note: "old" } } },
      { id: "2-0", rows: { p: null } },
      { id: "3-0", rows: { p: { left: 5 } } },
    );
    expect(state.rows).toEqual({ p: { left: 5 } });
  });

  it("[L6] survives the deletion of a row that is not there", () => {
    expect(table({ id: "1-0", rows: { p: null } }).rows).toEqual({});
  });

  it("[L6] takes the order of the log, whatever the source times say", () => {
    const state = table(
      { id: "9-0", rows: { p: { left: 1 } } },
      { id: "10-0", ts: 2, rows: { p: { left: 2 } } },
    );
    expect(state.rows.p).toEqual({ left: 2 });
  });

  it("[L6] gives a row with the name of an object's own method no inherited columns", () => {
    const state = table({ id: "1-0", rows: { toString: { left: 1 }, valueOf: { left: 2 } } });
    expect(state.rows).toEqual({ toString: { left: 1 }, valueOf: { left: 2 } });
    expect(rowAt(state, "toString")).toEqual({ left: 1 });
    expect(rowAt(state, "hasOwnProperty")).toBeUndefined();
  });

  it("[L6] has the same rows whenever they are read, also those of states that others followed", () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 300 }).map((n) => `row ${n}`),
      left: fc.option(fc.integer()),
      isRead: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 600, size: "max" }), (changes) => {
        let state = table();
        let expected: Record<string, { left: number }> = {};
        const seen: [TableState, typeof expected][] = [];
        for (const [i, { key, left, isRead }] of changes.entries()) {
          const row = left === null ? null : { left };
          state = fold(state, [{ id: `${i + 1}-0`, rows: { [key]: row } }]) as TableState;
          const { [key]: _, ...others } = expected;
          expected = row ? { ...others, [key]: row } : others;
          expect(rowAt(state, key)).toEqual(row ?? undefined);
          if (isRead) expect(state.rows).toEqual(expected);
          if (i % 100 === 0) seen.push([state, expected]);
        }
        for (const [earlier, rows] of [...seen, [state, expected] as const])
          expect(earlier.rows).toEqual(rows);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a feed", () => {
  it("[L6] counts all items, keeps the last ones, oldest first, and names each once", () => {
    fc.assert(
      fc.property(updateRun(["visits"]), (updates) => {
        const all = updates.flatMap((update) =>
          (update.items ?? []).map((item, i) => ({ key: `${update.id}.${i}`, ts: sourceTime(update), item })),
        );
        const state = feed(...updates);
        expect(state.count).toBe(all.length);
        expect(state.items).toEqual(all.slice(-visits.keep));
        expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
      }),
    );
  });

  it("[L6] shows an item at its source time, wherever it stands", () => {
    const state = feed({ id: "9-0", items: [{ page: "a" }] }, { id: "10-0", ts: 2, items: [{ page: "b" }] });
    expect(state.items.map(({ ts, item }) => [ts, item.page])).toEqual([
      [9, "a"],
      [2, "b"],
    ]);
  });
});
