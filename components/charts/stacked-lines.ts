/** The lines of a chart on top of each other, with their total. Pure. */
import type { ChartPicture } from "@/lib/client/chart-data";
import { formatInline } from "@/lib/shared/format";
import type { ChartLine } from "./chart-lines";
import { bucketAt, shownValue } from "./chart-model";
import { LAYER_OPACITY } from "./marks";
import { stackLayers, sumBuckets } from "./stack";

/** Each line becomes a layer; those that are not told apart become one. A comparison would need a stack of its own. */
export function stackLines(
  all: readonly ChartLine[],
  { step, now, outages }: Pick<ChartPicture, "step" | "now" | "outages">,
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
      buckets: sumBuckets(others.map(stackedLine)),
    });
  const layers = stackLayers(lines.map(stackedLine), step, now);
  return lines.map(({ before: _, ...line }, i) => {
    const { low, high, outer } = layers[i]!;
    return { ...line, points: outer, band: { low, high, opacity: LAYER_OPACITY, isLayer: true } };
  });
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
  return `${formatInline(total, lines[0]!.metric, locale)}${part}`;
}
