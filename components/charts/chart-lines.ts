/** From a chart's picture to what is drawn of it: lines, bands, a scale. Pure. */
import type { ChartPicture } from "@/lib/client/chart-data";
import type { Bucket } from "@/lib/shared/buckets";
import type { MetricRef, Threshold } from "@/lib/shared/define-channel";
import { formatInline } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import {
  bucketAt,
  bucketExtremes,
  type Extremes,
  hasBand,
  linePoints,
  type Scale,
  scaleFor,
  shownValue,
  silenceLimit,
} from "./chart-model";
import { BAND_OPACITY, LAYER_OPACITY } from "./marks";
import { stackLayers, sumBuckets } from "./stack";
import { nearThresholds } from "./thresholds";

/** More lines than this cannot be told apart. */
const MAX_LINES = 7;
/** Where there are more, so many are told apart, beside the others. */
const GROUP = MAX_LINES - 1;

export interface ChartLine {
  metric: MetricRef;
  name: string;
  /** A CSS variable. */
  colour: string;
  /** One of those that are told apart only when asked for; of a stack, all of them together. */
  isOther?: boolean;
  buckets: readonly Bucket[];
  /** Of a stack, the layer's outer edge. */
  points: readonly Point[];
  /** What is filled: between the lowest and highest readings, the area down to zero, or a layer of a stack. */
  band?: { low: readonly Point[]; high: readonly Point[]; opacity: number; isLayer: boolean };
  /** What it is compared with, moved to the same times. */
  before?: { buckets: readonly Bucket[]; points: readonly Point[] };
  /** How long its channel may say nothing, ms. */
  limit: number;
}

export interface LinesOptions {
  metrics: readonly MetricRef[];
  /** Short names for the lines. */
  labels?: readonly string[];
  /** Filled down to zero. */
  area?: boolean;
  /** Areas on top of each other. */
  stacked?: boolean;
  /** Which group of lines is told apart, where there are too many; it starts at 0 and goes round. */
  group?: number;
}

export function chartLines(picture: ChartPicture, options: LinesOptions): ChartLine[] {
  const { metrics, labels, area, stacked, group = 0 } = options;
  const { step, now } = picture;
  const isMany = metrics.length > MAX_LINES;
  const first = isMany ? (group % Math.ceil(metrics.length / GROUP)) * GROUP : 0;
  const lines = metrics.map((metric, i): ChartLine => {
    const buckets = picture.lines[i] ?? [];
    const before = picture.before?.[i];
    const limit = silenceLimit(metric);
    const pointsOf = (of: readonly Bucket[], value = shownValue(metric)) =>
      linePoints(of, step, limit, now, value);
    const isOther = isMany && (i < first || i >= first + GROUP);
    const points = pointsOf(buckets);
    const isBanded = !isOther && !area && !stacked && metric.type !== "counter" && hasBand(buckets);
    return {
      metric,
      name: labels?.[i] ?? metric.title,
      colour: isOther ? "--line-strong" : `--chart-${i - first + 1}`,
      ...(isOther && { isOther }),
      buckets,
      points,
      ...(isBanded && {
        band: {
          low: pointsOf(buckets, ({ min }) => min),
          high: pointsOf(buckets, ({ max }) => max),
          ...{ opacity: BAND_OPACITY, isLayer: false },
        },
      }),
      ...(area &&
        !isOther && {
          band: { low: points.map(toZero), high: points, opacity: BAND_OPACITY, isLayer: true },
        }),
      ...(before &&
        !isOther &&
        !stacked && {
          before: { buckets: before, points: linePoints(before, step, limit, Infinity, shownValue(metric)) },
        }),
      limit,
    };
  });
  const shown = [...lines.filter((line) => !line.isOther), ...lines.filter((line) => line.isOther)];
  return stacked ? stack(shown, picture) : shown;
}

function toZero([ts, value]: Point): Point {
  return [ts, value === null ? null : 0];
}

function stack(all: readonly ChartLine[], { step, now }: ChartPicture): ChartLine[] {
  const others = all.filter(({ isOther }) => isOther);
  const lines = all.filter(({ isOther }) => !isOther);
  if (others.length > 0)
    lines.push({
      ...others[0]!,
      name: `${others.length} others`,
      buckets: sumBuckets(others.map(stackedLine)),
    });
  const layers = stackLayers(lines.map(stackedLine), step, now);
  return lines.map((line, i) => {
    const { low, high, outer } = layers[i]!;
    return { ...line, points: outer, band: { low, high, opacity: LAYER_OPACITY, isLayer: true } };
  });
}

function stackedLine({ buckets, limit, metric }: ChartLine) {
  return { buckets, limit, value: shownValue(metric) };
}

/** A value axis for all lines, and for thresholds that are near. */
export function chartScale(
  lines: readonly ChartLine[],
  limits: Pick<MetricRef, "min" | "max">,
  thresholds: readonly Threshold[] = [],
): Scale {
  const values = lines.flatMap((line) => {
    const { buckets, before, metric, band } = line;
    if (band?.isLayer) return [...band.low, ...band.high].flatMap(([, value]) => value ?? []);
    return [buckets, before?.buckets ?? []].flatMap((of) => {
      const range = bucketExtremes(of, metric);
      return range ? [range.min, range.max] : [];
    });
  });
  return scaleWith(values, limits, thresholds);
}

/** A value axis for these values, and for thresholds that are near them. */
export function scaleWith(
  values: readonly number[],
  limits: Pick<MetricRef, "min" | "max">,
  thresholds: readonly Threshold[],
): Scale {
  const known = limits.min === undefined ? values : [limits.min, ...values];
  if (values.length === 0) return scaleFor(values, limits);
  const extent = known.reduce(
    ({ min, max }, value) => ({ min: Math.min(min, value), max: Math.max(max, value) }),
    {
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    },
  );
  return scaleFor([...values, ...nearThresholds(thresholds, extent).map(({ value }) => value)], limits);
}

/** The newest reading of a line. */
export function endOf({ buckets }: ChartLine): number | null {
  return buckets.at(-1)?.last ?? null;
}

/** Where the label of a line's end belongs, as a value: at its newest reading, or in the middle of its layer. */
export function labelPlace(line: ChartLine, stacked = false): number | null {
  if (!stacked || !line.band) return endOf(line);
  const [low, high] = [line.band.low.at(-1)?.[1], line.band.high.at(-1)?.[1]];
  return low == null || high == null ? null : (low + high) / 2;
}

/** What a line says at a time: its value there, with lowest and highest where it is an average of different ones. */
export function textAt(line: ChartLine, at: number, locale: string): string {
  const { metric, buckets, limit, before } = line;
  const bucket = bucketAt(buckets, at, limit);
  const earlier = before && bucketAt(before.buckets, at, limit);
  const text = (value: number) => formatInline(value, metric, locale);
  const value = bucket ? text(shownValue(metric)(bucket)) : "no data";
  const range =
    bucket && metric.type !== "counter" && bucket.max > bucket.min
      ? ` (${text(bucket.min)}–${text(bucket.max)})`
      : "";
  const beside = before ? `, before ${earlier ? text(shownValue(metric)(earlier)) : "no data"}` : "";
  return `${value}${range}${beside}`;
}

/** What all lines add up to at a time, or by their newest readings; said to be of some if others are silent. */
export function totalText(
  lines: readonly ChartLine[],
  at: number | null,
  locale: string,
): string | undefined {
  const values = lines.map((line) => {
    const bucket = at === null ? line.buckets.at(-1) : bucketAt(line.buckets, at, line.limit);
    return bucket && (at === null ? bucket.last : shownValue(line.metric)(bucket));
  });
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const total = known.reduce((sum, value) => sum + value, 0);
  const part = known.length < values.length ? ` of ${known.length} that have data` : "";
  return `${formatInline(total, lines[0]!.metric, locale)}${part}`;
}

export function lineExtremes({ buckets, metric }: ChartLine): Extremes | undefined {
  return bucketExtremes(buckets, metric);
}
