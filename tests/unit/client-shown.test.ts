import fc from "fast-check";
import { expect, it } from "vitest";
import { SERIES_POINTS, SERIES_WINDOW_MS, Series } from "@/lib/client/series";
import { MAX_PENDING, Store } from "@/lib/client/store";
import type { Point } from "@/lib/shared/protocol";
import { insertPoint, pointsOf } from "@/lib/shared/series";
import { apply, type ChannelState, emptyState, type RecordState, type Update } from "@/lib/shared/state";
import { updateRun } from "../support/live-arbitraries";
import { gauges, stock, visits } from "../support/live-channels";

const CHANNELS = { gauges, stock, visits };
const NAMES = Object.keys(CHANNELS) as (keyof typeof CHANNELS)[];
const METRICS = ["a", "b", "c"];

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("frame" as const), count: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("skip" as const), count: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("page" as const), place: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("repaint" as const) }) },
);

/** A log's state and points after so many updates, as a server would render them. */
function rendered(run: readonly Update[], count: number) {
  const states: Record<string, ChannelState> = {};
  for (const name of NAMES) states[name] = emptyState(CHANNELS[name]);
  const series: Record<string, Point[]> = {};
  for (const update of run.slice(0, count)) {
    const state = apply(states[update.ch]!, update);
    states[update.ch] = state;
    if (state.kind !== "record") continue;
    for (const [metric, point] of pointsOf(update, state)) {
      series[metric] ??= [];
      insertPoint(series[metric], point);
    }
  }
  return { states, series };
}

/** Takes in a log by frames, snapshots and pages, and checks at each step what a component would read. */
class Reader {
  private commit: (() => void) | undefined;
  private told: string[] = [];
  private position = 0;
  private readonly store = new Store((commit) => {
    // A second commit before the repaint would be one too many.
    expect(this.commit).toBeUndefined();
    this.commit = commit;
    return () => {
      this.commit = undefined;
    };
  });
  /** The source times that the charts must show, of each metric. */
  private readonly times = Object.fromEntries(METRICS.map((metric) => [metric, new Set<number>()]));

  constructor(private readonly run: readonly Update[]) {
    for (const name of NAMES) this.store.subscribe(name, () => this.told.push(name));
    this.open(0);
  }

  frame(count: number): void {
    const before = this.read();
    const updates = this.run.slice(this.position, this.position + count);
    this.store.receive(updates, {}, false);
    for (const update of updates) {
      this.position += 1;
      const { states } = rendered(this.run, this.position);
      const state = states[update.ch]!;
      if (state.kind !== "record") continue;
      for (const [metric, [ts]] of pointsOf(update, state)) this.times[metric]!.add(ts);
    }
    expect(this.read()).toEqual(before);
  }

  /** The way back was too long: a snapshot. */
  skip(count: number): void {
    this.position = Math.min(this.run.length, this.position + count);
    const { states } = rendered(this.run, this.position);
    this.store.receive([], states, false);
    const { asOf, values, down } = states.gauges as RecordState;
    if (asOf !== null && down === undefined)
      for (const metric of Object.keys(values)) this.times[metric]!.add(asOf);
  }

  /** A page that was rendered at some place of the log, perhaps long ago. */
  open(place: number): void {
    const { states, series } = rendered(this.run, place);
    const isNewer = place > this.position || this.store.channel("gauges") === undefined;
    this.store.seed(isNewer ? states : {}, { gauges: series }, false);
    this.position = Math.max(this.position, place);
    for (const metric of METRICS) for (const [ts] of series[metric] ?? []) this.times[metric]!.add(ts);
    this.check();
  }

  repaint(): void {
    const before = this.read();
    const copy = structuredClone(before);
    this.told = [];
    this.commit?.();
    this.commit = undefined;
    expect(new Set(this.told).size).toBe(this.told.length);
    const after = this.read();
    for (const name of NAMES) {
      const changed = before.states[name] !== after.states[name] || before.lines[name] !== after.lines[name];
      if (changed) expect(this.told).toContain(name);
      if (!this.told.includes(name)) expect(after.states[name]).toBe(before.states[name]);
    }
    // What was read stays as it was, so that React may go on rendering from it.
    expect(before).toEqual(copy);
    this.check();
  }

  private read() {
    const states = Object.fromEntries(NAMES.map((name) => [name, this.store.channel(name)]));
    const lines: Record<string, readonly Point[]> = {};
    for (const metric of METRICS) lines[metric] = this.store.points("gauges", metric);
    return { states, lines };
  }

  private check(): void {
    const { states } = rendered(this.run, this.position);
    for (const name of NAMES) expect(this.store.channel(name)).toEqual(states[name]);
    for (const metric of METRICS) {
      const times = this.store.points("gauges", metric).map(([ts]) => ts);
      expect(times).toEqual([...this.times[metric]!].sort((a, b) => a - b));
    }
  }
}

it("[C6] frames, snapshots and pages in any order show the log's state and every point once, by source time", () => {
  fc.assert(
    fc.property(updateRun(NAMES, 40), fc.array(step, { maxLength: 30 }), (run, steps) => {
      const reader = new Reader(run);
      for (const one of steps) {
        if (one.do === "frame") reader.frame(one.count);
        else if (one.do === "skip") reader.skip(one.count);
        else if (one.do === "page") reader.open(Math.min(run.length, one.place));
        else reader.repaint();
      }
      reader.repaint();
    }),
    { numRuns: 300 },
  );
});

it("[C6] the queue of a page that is not painted is bounded in updates, and one commit empties it", () => {
  let commits = 0;
  const store = new Store(() => () => {});
  store.seed({ gauges: emptyState(gauges) }, {}, false);
  store.subscribe("gauges", () => {
    commits += 1;
  });
  const updates = Array.from(
    { length: 10 * MAX_PENDING },
    (_, i): Update => ({ id: `${i + 1}-0`, ch: "gauges", set: { a: i } }),
  );
  for (const update of updates) {
    store.receive([update], {}, false);
    const { a = -1 } = (store.channel("gauges") as RecordState).values;
    expect((update.set!.a as number) - a!).toBeLessThanOrEqual(MAX_PENDING);
  }
  expect(commits).toBe(9);
});

it("[C6] a line is a union of what it is given, ordered, bounded, and immutable once read", () => {
  const point = fc.tuple(fc.nat(2 * SERIES_WINDOW_MS), fc.constant(1)) as fc.Arbitrary<Point>;
  const part = fc.oneof(
    point.map((one) => ({ points: [one], merged: false })),
    fc.array(point, { maxLength: 8 }).map((points) => ({ points, merged: true })),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const series = new Series();
      const given = new Set<number>();
      for (const { points, merged } of parts) {
        const before = series.read();
        const copy = structuredClone(before);
        const unique = [...new Map(points)].sort(([a], [b]) => a - b) as Point[];
        if (merged) series.merge(unique);
        else for (const one of unique) series.add(one);
        for (const [ts] of unique) given.add(ts);
        const times = series.read().map(([ts]) => ts);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(times.every((ts) => given.has(ts))).toBe(true);
        // Nothing within the window is lost; what is older goes sooner or later.
        const start = Math.max(...given) - SERIES_WINDOW_MS;
        for (const ts of given) if (ts > start) expect(times).toContain(ts);
        expect(times.length).toBeLessThanOrEqual(SERIES_POINTS + 100);
        expect(before).toEqual(copy);
      }
    }),
  );
});
