import { addReading, type Bucket, bucketOf, bucketStart, increaseOf } from "@/lib/shared/buckets";
import { pointsOf } from "@/lib/shared/series";
import { apply, type RecordState, rankOf, type Update } from "@/lib/shared/state";
import type { ArchivedMetrics } from "./archive";
import { BUCKET_WIDTHS, isKept, type Retention } from "./tiers";

/** What folding a channel goes on from: its state at the archive's cursor, and what its counters last said. */
export interface ChannelProgress {
  state: RecordState;
  /** counter → its last value that was a number. */
  counted: Record<string, number>;
}

export interface Reading {
  value: number;
  /** How much a counter grew since its reading before; 0 for other metrics. */
  increase: number;
}

export interface RolledBucket extends Bucket {
  increase: number;
}

/** What a batch adds to one metric. */
export interface SeriesDelta {
  channel: string;
  metric: string;
  /** By source time, ms. */
  readings: Map<number, Reading>;
  /** By width, then by where they begin, ms. */
  buckets: Map<number, Map<number, RolledBucket>>;
}

export interface FoldResult {
  /** The progress of the channels that had updates. */
  progress: Map<string, ChannelProgress>;
  deltas: SeriesDelta[];
  /** How many readings were put into at least one tier. */
  readings: number;
}

export interface FoldContext {
  metrics: ArchivedMetrics;
  retention: Retention;
  /** ms. */
  now: number;
}

/** Sums of such numbers stay finite, which not every database takes for granted. Nobody measures more. */
const MOST = 1e290;

function emptyProgress(): ChannelProgress {
  return { state: { kind: "record", asOf: null, values: {}, ts: {} }, counted: {} };
}

/**
 * Rolls updates up (A2). Pure: `before` stays as it is. A reading that comes late goes where its source time says; of
 * a counter it adds no growth, as the reading after it has counted that already. Updates of other channels, metrics
 * that are not defined, and nulls have no readings.
 */
export function foldUpdates(
  before: ReadonlyMap<string, ChannelProgress>,
  updates: readonly Update[],
  context: FoldContext,
): FoldResult {
  const progress = new Map<string, ChannelProgress>();
  const deltas = new Map<string, SeriesDelta>();
  let readings = 0;
  for (const given of updates) {
    const metrics = context.metrics[given.ch];
    const update = metrics && known(given, metrics);
    if (!update) continue;
    const { state, counted } = progress.get(update.ch) ?? before.get(update.ch) ?? emptyProgress();
    const next = { state: apply(state, update) as RecordState, counted: { ...counted } };
    progress.set(update.ch, next);
    for (const [metric, [ts, value]] of pointsOf(update, next.state)) {
      if (value === null || !Object.hasOwn(metrics, metric)) continue;
      const isLate = Object.hasOwn(update.set ?? {}, metric) && next.state.ts[metric] !== rankOf(update);
      let increase = 0;
      if (metrics[metric] && !isLate) {
        increase = increaseOf(next.counted[metric], value);
        next.counted[metric] = value;
      }
      if (add(deltaOf(deltas, update.ch, metric), ts, { value, increase }, context)) readings += 1;
    }
  }
  return { progress, deltas: [...deltas.values()], readings };
}

/** The update without what the channel does not define; `undefined` when it has no reading at all. */
function known(update: Update, metrics: Readonly<Record<string, boolean>>): Update | undefined {
  if (!update.set || update.down !== undefined) return undefined;
  const set: Record<string, number | null> = {};
  for (const [metric, value] of Object.entries(update.set))
    if (Object.hasOwn(metrics, metric))
      set[metric] = value === null ? null : Math.max(-MOST, Math.min(MOST, value));
  return { ...update, set };
}

function deltaOf(deltas: Map<string, SeriesDelta>, channel: string, metric: string): SeriesDelta {
  const key = `${channel}\n${metric}`;
  let delta = deltas.get(key);
  if (!delta) {
    const buckets = new Map(BUCKET_WIDTHS.map((width) => [width, new Map<number, RolledBucket>()]));
    delta = { channel, metric, readings: new Map(), buckets };
    deltas.set(key, delta);
  }
  return delta;
}

/** Whether a tier still keeps it. */
function add(
  delta: SeriesDelta,
  ts: number,
  { value, increase }: Reading,
  { retention, now }: FoldContext,
): boolean {
  let isAdded = false;
  if (isKept(retention, 0, ts, now)) {
    const same = delta.readings.get(ts)?.increase ?? 0;
    delta.readings.set(ts, { value, increase: same + increase });
    isAdded = true;
  }
  for (const [width, buckets] of delta.buckets) {
    if (!isKept(retention, width, ts, now)) continue;
    const at = bucketStart(ts, width);
    const bucket = buckets.get(at);
    if (bucket) {
      addReading(bucket, ts, value);
      bucket.increase += increase;
    } else buckets.set(at, { ...bucketOf(ts, value, width), increase });
    isAdded = true;
  }
  return isAdded;
}
