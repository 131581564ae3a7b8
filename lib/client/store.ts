/**
 * What the page shows: the state and the points of every channel. Frames are queued and taken in together, at
 * most once per animation frame (C6); between two commits everything that can be read stays as it is, so React
 * may read it at any time.
 */
import type { Point, SeriesByChannel } from "@/lib/shared/protocol";
import { pointsOf } from "@/lib/shared/series";
import { apply, type ChannelState, type RecordState, type Update } from "@/lib/shared/state";
import { Series } from "./series";

/** Past so many waiting changes a commit does not wait for the next animation frame: a hidden page has none. */
export const MAX_PENDING = 500;

type Change =
  | { kind: "clear" }
  | { kind: "replace"; channel: string; state: ChannelState }
  | { kind: "update"; update: Update };

const NO_POINTS: readonly Point[] = [];

/** A time (ms) of a channel that a snapshot jumped over: what happened in it was never delivered. */
export interface Hole {
  from: number;
  to: number;
}

type OnReading = (metric: string, point: Point) => void;

export class Store {
  private readonly states = new Map<string, ChannelState>();
  private readonly series = new Map<string, Map<string, Series>>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly readers = new Map<string, Set<OnReading>>();
  private readonly holes = new Map<string, Hole>();
  /** When the newest reading was true of what a lost log left behind, ms. */
  private readonly left = new Map<string, number>();
  private pending: Change[] = [];
  private cancel: (() => void) | undefined;

  /** `schedule` calls back once, on the next animation frame or a little later, and returns the way to cancel. */
  constructor(private readonly schedule: (commit: () => void) => () => void) {}

  channel(name: string): ChannelState | undefined {
    return this.states.get(name);
  }

  /** `[source time ms, value]`, oldest first. The same array until the metric has a new point. */
  points(channel: string, metric: string): readonly Point[] {
    return this.series.get(channel)?.get(metric)?.read() ?? NO_POINTS;
  }

  /** The newest hole of a channel; another object for each. */
  hole(channel: string): Hole | undefined {
    return this.holes.get(channel);
  }

  /** Calls back for each new point of a record channel, before the listeners are told. */
  onReading(channel: string, reader: OnReading): () => void {
    const set = this.readers.get(channel) ?? new Set();
    this.readers.set(channel, set.add(reader));
    return () => void set.delete(reader);
  }

  /** Queues what a frame brought. `clear`: the log is another one, nothing of the old one stays. */
  receive(
    updates: readonly Update[],
    snapshot: Readonly<Record<string, ChannelState>>,
    clear: boolean,
  ): void {
    if (clear) this.pending.push({ kind: "clear" });
    for (const [channel, state] of Object.entries(snapshot))
      this.pending.push({ kind: "replace", channel, state });
    for (const update of updates) this.pending.push({ kind: "update", update });
    if (this.pending.length > MAX_PENDING) this.commit();
    else if (this.pending.length > 0) this.cancel ??= this.schedule(() => this.commit());
  }

  /**
   * Takes in what a page came with, at once, so that the page's first render reads it. Listeners are told in a
   * microtask, as a render must not set off another.
   */
  seed(snapshot: Readonly<Record<string, ChannelState>>, series: SeriesByChannel, clear: boolean): void {
    const dirty = this.drain();
    if (clear) this.clear(dirty);
    const jumped: [channel: string, metric: string, point: Point][] = [];
    for (const [channel, state] of Object.entries(snapshot)) {
      // Charts that are there already have not seen what lies between.
      const from = this.states.get(channel)?.asOf;
      if (from != null && state.kind === "record" && state.asOf !== null && state.asOf > from) {
        const between = pointsSince(from, state, series[channel]);
        if (!between) this.holes.set(channel, { from, to: state.asOf });
        for (const [metric, point] of between ?? newestOf(state)) jumped.push([channel, metric, point]);
      }
      this.states.set(channel, state);
      dirty.add(channel);
    }
    for (const [channel, metrics] of Object.entries(series)) {
      for (const [metric, points] of Object.entries(metrics)) this.seriesOf(channel, metric).merge(points);
      dirty.add(channel);
    }
    // Later, as a page may be seeded during a render.
    queueMicrotask(() => {
      for (const [channel, metric, point] of jumped) this.hand(channel, metric, point);
      this.tell(dirty);
    });
  }

  subscribe(topic: string, listener: () => void): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(topic) === set) this.listeners.delete(topic);
    };
  }

  hasListeners(topic: string): boolean {
    return this.listeners.has(topic);
  }

  tell(topics: Iterable<string>): void {
    for (const topic of topics) for (const listener of [...(this.listeners.get(topic) ?? [])]) listener();
  }

  /** Takes in what is queued. */
  commit(): void {
    this.tell(this.drain());
  }

  private drain(): Set<string> {
    this.cancel?.();
    this.cancel = undefined;
    const dirty = new Set<string>();
    const changes = this.pending;
    this.pending = [];
    for (const change of changes) {
      if (change.kind === "clear") this.clear(dirty);
      else if (change.kind === "replace") this.replace(change.channel, change.state, dirty);
      else this.update(change.update, dirty);
    }
    return dirty;
  }

  private clear(dirty: Set<string>): void {
    for (const [channel, { asOf }] of this.states) {
      dirty.add(channel);
      if (asOf !== null) this.left.set(channel, asOf);
    }
    this.states.clear();
    this.series.clear();
  }

  private replace(channel: string, state: ChannelState, dirty: Set<string>): void {
    const from = this.states.get(channel)?.asOf ?? this.left.get(channel);
    this.left.delete(channel);
    this.states.set(channel, state);
    dirty.add(channel);
    if (state.kind !== "record" || state.asOf === null) return;
    if (from !== undefined && state.asOf > from) this.holes.set(channel, { from, to: state.asOf });
    for (const [metric, point] of newestOf(state)) this.read(channel, metric, point);
  }

  private update(update: Update, dirty: Set<string>): void {
    const before = this.states.get(update.ch);
    if (!before) return;
    const state = apply(before, update);
    this.states.set(update.ch, state);
    dirty.add(update.ch);
    if (state.kind !== "record") return;
    for (const [metric, point] of pointsOf(update, state)) this.read(update.ch, metric, point);
  }

  private read(channel: string, metric: string, point: Point): void {
    this.seriesOf(channel, metric).add(point);
    this.hand(channel, metric, point);
  }

  private hand(channel: string, metric: string, point: Point): void {
    for (const reader of this.readers.get(channel) ?? []) reader(metric, point);
  }

  private seriesOf(channel: string, metric: string): Series {
    const metrics = this.series.get(channel) ?? new Map<string, Series>();
    this.series.set(channel, metrics);
    const series = metrics.get(metric) ?? new Series();
    metrics.set(metric, series);
    return series;
  }
}

/** The readings that a state holds; none while its source is down. */
function newestOf({ asOf, values, down }: RecordState): [metric: string, point: Point][] {
  if (asOf === null || down !== undefined) return [];
  return Object.entries(values).map(([metric, value]) => [metric, [asOf, value]]);
}

/** What a page's series have of the time since `from` (ms); `undefined` when they do not reach back to it. */
function pointsSince(
  from: number,
  { values }: RecordState,
  series: SeriesByChannel[string] = {},
): [metric: string, point: Point][] | undefined {
  const metrics = Object.keys(values).filter((metric) => values[metric] !== null);
  const isWhole = metrics.every((metric) => (series[metric]?.[0]?.[0] ?? Number.POSITIVE_INFINITY) <= from);
  if (!isWhole) return undefined;
  return metrics.flatMap((metric) =>
    series[metric]!.filter(([ts]) => ts > from).map((point): [string, Point] => [metric, point]),
  );
}
