import { describe, expect, it } from "vitest";
import { SERIES_POINTS, SERIES_WINDOW_MS, Series } from "@/lib/client/series";
import { MAX_PENDING, Store } from "@/lib/client/store";
import type { Point } from "@/lib/shared/protocol";
import type { RecordState, Update } from "@/lib/shared/state";

const record = (values: Record<string, number | null>, asOf: number): RecordState => ({
  kind: "record",
  asOf,
  values,
  ts: Object.fromEntries(Object.keys(values).map((metric) => [metric, asOf])),
});
const reading = (ms: number, set: Record<string, number | null>, ts?: number): Update => ({
  id: `${ms}-0`,
  ch: "a",
  set,
  ...(ts !== undefined && { ts }),
});

/** A store whose commits the test lets happen. */
function createStore() {
  const waiting = new Set<() => void>();
  const store = new Store((commit) => {
    waiting.add(commit);
    return () => void waiting.delete(commit);
  });
  const repaint = () => {
    const commits = [...waiting];
    waiting.clear();
    for (const commit of commits) commit();
  };
  return { store, repaint, waiting };
}

describe("commits", () => {
  it("[C6] many frames are one commit, told once per channel, and only to those that changed", () => {
    const { store, repaint, waiting } = createStore();
    store.seed({ a: record({ x: 1 }, 1), b: record({ x: 1 }, 1) }, {}, false);
    const told: string[] = [];
    store.subscribe("a", () => told.push("a"));
    store.subscribe("b", () => told.push("b"));
    for (let ms = 2; ms < 50; ms += 1) store.receive([reading(ms, { x: ms })], {}, false);
    expect(waiting.size).toBe(1);
    expect(store.channel("a")).toEqual(record({ x: 1 }, 1));
    repaint();
    expect(told).toEqual(["a"]);
    expect(store.channel("a")).toMatchObject({ values: { x: 49 } });
    repaint();
    expect(told).toEqual(["a"]);
  });

  it("[C6] between commits what is read stays the same object", () => {
    const { store, repaint } = createStore();
    store.seed({ a: record({ x: 1 }, 1) }, { a: { x: [[1, 1]] } }, false);
    const state = store.channel("a");
    const points = store.points("a", "x");
    store.receive([reading(2, { x: 2 })], {}, false);
    expect(store.channel("a")).toBe(state);
    expect(store.points("a", "x")).toBe(points);
    repaint();
    expect(store.points("a", "x")).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(points).toEqual([[1, 1]]);
    expect(store.points("a", "x")).toBe(store.points("a", "x"));
  });

  it("[C3] a hidden page's queue is bounded: without any repaint it commits by itself", () => {
    const { store } = createStore();
    store.seed({ a: record({ x: 0 }, 0) }, {}, false);
    for (let ms = 1; ms <= MAX_PENDING + 1; ms += 1) store.receive([reading(ms, { x: ms })], {}, false);
    expect(store.channel("a")).toMatchObject({ values: { x: MAX_PENDING + 1 } });
  });

  it("[R2] a page's snapshot can be read at once, and is told later, not during the render", async () => {
    const { store } = createStore();
    let told = 0;
    store.subscribe("a", () => {
      told += 1;
    });
    store.seed({ a: record({ x: 1 }, 1) }, {}, false);
    expect(store.channel("a")).toEqual(record({ x: 1 }, 1));
    expect(told).toBe(0);
    await Promise.resolve();
    expect(told).toBe(1);
  });

  it("[R2] what was received before a page's snapshot is taken in before it", () => {
    const { store } = createStore();
    store.seed({ a: record({ x: 1 }, 1) }, {}, false);
    store.receive([reading(5, { x: 5 })], {}, false);
    store.seed({ a: record({ x: 9 }, 9) }, {}, false);
    expect(store.channel("a")).toMatchObject({ values: { x: 9 } });
    expect(store.points("a", "x")).toEqual([[5, 5]]);
  });

  it("[L5] nothing of a log that was left stays", () => {
    const { store, repaint } = createStore();
    store.seed({ a: record({ x: 1 }, 1), b: record({ x: 1 }, 1) }, { a: { x: [[1, 1]] } }, false);
    store.receive([], { a: record({ x: 7 }, 7) }, true);
    repaint();
    expect(store.channel("b")).toBeUndefined();
    expect(store.points("a", "x")).toEqual([[7, 7]]);
  });

  it("[C6] a listener that has left is told nothing, and topics without listeners are forgotten", () => {
    const { store } = createStore();
    let told = 0;
    const off = store.subscribe("clock", () => {
      told += 1;
    });
    store.tell(["clock"]);
    off();
    store.tell(["clock"]);
    expect(told).toBe(1);
    expect(store.hasListeners("clock")).toBe(false);
  });
});

describe("series", () => {
  it("[L6] an update that changed nothing adds a point with the value that is still true", () => {
    const { store, repaint } = createStore();
    store.seed({ a: record({ x: 1, y: 2 }, 1) }, {}, false);
    store.receive([reading(10, { x: 3 }), reading(20, {})], {}, false);
    repaint();
    expect(store.points("a", "x")).toEqual([
      [10, 3],
      [20, 3],
    ]);
    expect(store.points("a", "y")).toEqual([
      [10, 2],
      [20, 2],
    ]);
  });

  it("[L6] a late reading is placed by its source time and replaces no newer value", () => {
    const { store, repaint } = createStore();
    store.seed({ a: record({ x: 1 }, 1) }, {}, false);
    store.receive([reading(10, { x: 10 }), reading(20, { x: 20 }), reading(30, { x: 15 }, 15)], {}, false);
    repaint();
    expect(store.channel("a")).toMatchObject({ values: { x: 20 } });
    expect(store.points("a", "x")).toEqual([
      [10, 10],
      [15, 15],
      [20, 20],
    ]);
  });

  it("[R2] a page's points and those that are here become one line, each time once", () => {
    const series = new Series();
    for (const point of [
      [2, 2],
      [4, 4],
    ] as Point[])
      series.add(point);
    series.merge([
      [1, 1],
      [2, 99],
      [3, 3],
    ]);
    expect(series.read()).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it("[C3] keeps 15 minutes and a bounded number of points", () => {
    const slow = new Series();
    for (let i = 0; i < 3000; i += 1) slow.add([i * 1000, i]);
    const first = slow.read()[0]![0];
    expect(first).toBeGreaterThanOrEqual(2999_000 - SERIES_WINDOW_MS - 101_000);
    expect(first).toBeLessThanOrEqual(2999_000 - SERIES_WINDOW_MS + 1000);
    const fast = new Series();
    for (let i = 0; i < 50_000; i += 1) fast.add([i, i]);
    expect(fast.read().length).toBeLessThanOrEqual(SERIES_POINTS + 100);
    expect(fast.read().at(-1)).toEqual([49_999, 49_999]);
  });
});

describe("a page that is seeded anew", () => {
  it("[R3] tells the charts that are there already what it jumped over, and its newest reading", async () => {
    const { store } = createStore();
    store.seed({ a: record({ x: 1 }, 1000) }, {}, false);
    await Promise.resolve();
    expect(store.hole("a")).toBeUndefined();
    const read: unknown[] = [];
    store.onReading("a", (metric, point) => read.push([metric, point]));
    store.seed(
      { a: record({ x: 5 }, 9000) },
      {
        a: {
          x: [
            [8000, 4],
            [9000, 5],
          ],
        },
      },
      false,
    );
    expect(read).toEqual([]);
    await Promise.resolve();
    expect(store.hole("a")).toEqual({ from: 1000, to: 9000 });
    expect(read).toEqual([["x", [9000, 5]]]);
    // One that is not newer jumps over nothing.
    const hole = store.hole("a");
    store.seed({ a: record({ x: 5 }, 9000) }, {}, false);
    await Promise.resolve();
    expect(store.hole("a")).toBe(hole);
  });

  it("[R3] hands the charts what it has itself of that time, and then nothing is missing", async () => {
    const { store } = createStore();
    store.seed({ a: record({ x: 1, y: 7, z: null }, 1000), b: record({ x: 1 }, 1000) }, {}, false);
    const read: unknown[] = [];
    for (const channel of ["a", "b"])
      store.onReading(channel, (metric, point) => read.push([channel, metric, ...point]));
    const x: Point[] = [1000, 5000, 9000].map((ts) => [ts, ts]);
    const page = { a: record({ x: 9000, y: 8, z: null }, 9000), b: record({ x: 9000 }, 9000) };
    store.seed(
      page,
      {
        a: {
          x,
          y: [
            [500, 7],
            [6000, 8],
          ],
        },
        b: { x: x.slice(1) },
      },
      false,
    );
    await Promise.resolve();
    expect(store.hole("a")).toBeUndefined();
    // Those of this one do not reach back far enough.
    expect(store.hole("b")).toEqual({ from: 1000, to: 9000 });
    expect(read).toEqual([
      ["a", "x", 5000, 5000],
      ["a", "x", 9000, 9000],
      ["a", "y", 6000, 8],
      ["b", "x", 9000, 9000],
    ]);
  });
});
