/** From a chart's picture to what is drawn of it: lines, bands, a scale. Pure. */
import type { ChartPicture } from "@/lib/client/chart-data";
import type { Bucket } from "@/lib/shared/buckets";
import type { MetricRef } from "@/lib/shared/define-channel";
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

export interface ChartLine {
  metric: MetricRef;
  name: string;
  /** A CSS variable. */
  colour: string;
  buckets: readonly Bucket[];
  points: readonly Point[];
  /** The lowest and highest readings beside the line of averages, where they differ. */
  band?: { low: readonly Point[]; high: readonly Point[] };
  /** What it is compared with, moved to the same times. */
  before?: { buckets: readonly Bucket[]; points: readonly Point[] };
  /** How long its channel may say nothing, ms. */
  limit: number;
}

interface Names {
  metrics: readonly MetricRef[];
  /** Short names for the lines. */
  labels?: readonly string[];
}

export function chartLines(picture: ChartPicture, { metrics, labels }: Names): ChartLine[] {
  const { step, now } = picture;
  return metrics.map((metric, i): ChartLine => {
    const buckets = picture.lines[i] ?? [];
    const before = picture.before?.[i];
    const limit = silenceLimit(metric);
    const pointsOf = (of: readonly Bucket[], value = shownValue(metric)) =>
      linePoints(of, step, limit, now, value);
    const isBanded = metric.type !== "counter" && hasBand(buckets);
    return {
      metric,
      name: labels?.[i] ?? metric.title,
      colour: `--chart-${i + 1}`,
      buckets,
      points: pointsOf(buckets),
      ...(isBanded && {
        band: { low: pointsOf(buckets, ({ min }) => min), high: pointsOf(buckets, ({ max }) => max) },
      }),
      ...(before && {
        before: { buckets: before, points: linePoints(before, step, limit, Infinity, shownValue(metric)) },
      }),
      limit,
    };
  });
}

/** A value axis for all lines. */
export function chartScale(lines: readonly ChartLine[], limits: Pick<MetricRef, "min" | "max">): Scale {
  const values = lines.flatMap(({ buckets, before, metric }) =>
    [buckets, before?.buckets ?? []].flatMap((of) => {
      const range = bucketExtremes(of, metric);
      return range ? [range.min, range.max] : [];
    }),
  );
  return scaleFor(values, limits);
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
  const beside = before ? `, before ${earlier ? text(shownValue(metric)(earlier)) : "no data"}` : "";
  return `${value}${range}${beside}`;
}

export function lineExtremes({ buckets, metric }: ChartLine): Extremes | undefined {
  return bucketExtremes(buckets, metric);
}
