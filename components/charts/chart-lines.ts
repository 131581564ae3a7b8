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
import { BAND_OPACITY } from "./marks";
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
  /** What it is compared with, moved to the same times; with the highest layer of a stack, the stack's total. */
  before?: { buckets: readonly Bucket[]; points: readonly Point[]; isTotal?: boolean };
  /** How long its channel may say nothing, ms. */
  limit: number;
}

export interface LinesOptions {
  metrics: readonly MetricRef[];
  /** Short names for the lines. */
  labels?: readonly string[];
  /** Filled down to zero. */
  area?: boolean;
  /** Which group of lines is told apart, where there are too many; it starts at 0 and goes round. */
  group?: number;
}

export function chartLines(picture: ChartPicture, options: LinesOptions): ChartLine[] {
  const { metrics, labels, area, group = 0 } = options;
  const { step, now, outages } = picture;
  const isMany = metrics.length > MAX_LINES;
  const first = isMany ? (group % Math.ceil(metrics.length / GROUP)) * GROUP : 0;
  const lines = metrics.map((metric, i): ChartLine => {
    const buckets = picture.lines[i] ?? [];
    const before = picture.before?.[i];
    const limit = silenceLimit(metric);
    const pointsOf = (of: readonly Bucket[], value = shownValue(metric)) =>
      linePoints(of, step, limit, now, value, outages);
    const isOther = isMany && (i < first || i >= first + GROUP);
    const points = pointsOf(buckets);
    const isBanded = !isOther && !area && metric.type !== "counter" && hasBand(buckets);
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
        !isOther && {
          before: { buckets: before, points: linePoints(before, step, limit, Infinity, shownValue(metric)) },
        }),
      limit,
    };
  });
  return [...lines.filter((line) => !line.isOther), ...lines.filter((line) => line.isOther)];
}

function toZero([ts, value]: Point): Point {
  return [ts, value === null ? null : 0];
}

/** A value axis for all lines, and for thresholds that are near. */
export function chartScale(
  lines: readonly ChartLine[],
  limits: Pick<MetricRef, "min" | "max">,
  thresholds: readonly Threshold[] = [],
): Scale {
  const values = lines.flatMap((line) => {
    const { buckets, before, metric, band } = line;
    const total = before?.isTotal ? before.points : [];
    if (band?.isLayer) return [...band.low, ...band.high, ...total].flatMap(([, value]) => value ?? []);
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
  const beside =
    before && !before.isTotal ? `, before ${earlier ? text(shownValue(metric)(earlier)) : "no data"}` : "";
  return `${value}${range}${beside}`;
}

export function lineExtremes({ buckets, metric }: ChartLine): Extremes | undefined {
  return bucketExtremes(buckets, metric);
}
