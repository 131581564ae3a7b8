/** The lines of a chart on top of each other, with their total. Pure. */
import type { ChartPicture } from "@/lib/client/chart-data";
import type { Bucket } from "@/lib/shared/buckets";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline } from "@/lib/shared/format";
import type { ChartLine } from "./chart-lines";
import { bucketAt, linePoints, shownValue, silenceLimit } from "./chart-model";
import { LAYER_OPACITY } from "./marks";
import { stackLayers, sumBuckets } from "./stack";

/**
 * Each line becomes a layer; those that are not told apart become one. What is compared with is one line: the total of
 * that time.
 */
export function stackLines(
  all: readonly ChartLine[],
  { step, now, outages, before }: Pick<ChartPicture, "step" | "now" | "outages" | "before">,
  metrics: readonly MetricRef[],
): ChartLine[] {
  const stackedLine = ({ buckets, limit, metric }: ChartLine) => ({
    ...{ buckets, limit, outages },
    value: shownValue(metric),
  });
  const others = all.filter(({ isOther }) => isOther);
  const lines = all.filter(({ isOther }) => !isOther);
  if (others.length > 0)
    lines.push({
      ...others[0]!,
      name: `${others.length} others`,
      buckets: sumBuckets(others.map(stackedLine), step),
    });
  const layers = stackLayers(lines.map(stackedLine), step, now);
  const total = before && totalBefore(before, metrics, step);
  return lines.map(({ before: _, ...line }, i) => {
    const { low, high, outer } = layers[i]!;
    return {
      ...line,
      points: outer,
      band: { low, high, opacity: LAYER_OPACITY, isLayer: true },
      ...(total && i === lines.length - 1 && { before: total }),
    };
  });
}

function totalBefore(
  before: readonly (readonly Bucket[])[],
  metrics: readonly MetricRef[],
  step: number,
): ChartLine["before"] {
  const limit = Math.max(...metrics.map(silenceLimit));
  const parts = before.map((buckets, i) => ({
    ...{ buckets, limit, outages: [] },
    value: shownValue(metrics[i]!),
  }));
  const buckets = sumBuckets(parts, step);
  return { buckets, points: linePoints(buckets, step, limit, Infinity, ({ sum }) => sum), isTotal: true };
}

/** Where the label of a layer belongs, as a value: in its middle, at its end. */
export function layerMiddle({ band }: ChartLine): number | null {
  const [low, high] = [band?.low.at(-1)?.[1], band?.high.at(-1)?.[1]];
  return low == null || high == null ? null : (low + high) / 2;
}

/** What all lines add up to at a time (ms), or by their newest readings; said to be of some if others are silent. */
export function totalText(
  lines: readonly ChartLine[],
  at: number | null,
  locale: string,
): string | undefined {
  const values = lines.map(({ buckets, limit, metric }) => {
    const bucket = at === null ? buckets.at(-1) : bucketAt(buckets, at, limit);
    return bucket && (at === null ? bucket.last : shownValue(metric)(bucket));
  });
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const total = known.reduce((sum, value) => sum + value, 0);
  const part = known.length < values.length ? ` of ${known.length} that have data` : "";
  const { metric, limit } = lines[0]!;
  const earlier = lines.at(-1)!.before;
  const sum = at !== null && earlier?.isTotal ? bucketAt(earlier.buckets, at, limit)?.sum : undefined;
  const beside = sum === undefined ? "" : `, before ${formatInline(sum, metric, locale)}`;
  return `${formatInline(total, metric, locale)}${part}${beside}`;
}
