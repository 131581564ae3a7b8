/** A chart's buckets as bars: wider ones, at round times of the viewer's clock. Pure; times in ms. */
import type { Bucket } from "@/lib/shared/buckets";
import { bucketStart } from "@/lib/shared/buckets";
import type { MetricRef, Threshold } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { type Grain, stepFor } from "@/lib/shared/history";
import type { Span } from "@/lib/shared/time-range";
import { scaleWith } from "./chart-lines";
import { type Scale, type Silence, xOf, yOf } from "./chart-model";
import { BEFORE_DASH, BEFORE_WIDTH, type Mark } from "./marks";
import { stackValues } from "./stack";
import { dayStarts, roundTimes } from "./time-axis";

/** About so many bars at most: fewer points than a line has, each with room to be read. */
const MOST_BARS = 30;
/** The most buckets that bars of days are made of. */
const MOST_POINTS = 2000;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** How wide the bars of a range are; each has room for two readings. */
export function barStep(width: number, cadence: number): number {
  return stepFor(width, MOST_BARS, 2 * cadence);
}

/**
 * Bars of some hours or days begin at round times of the viewer's clock, so they are made of hours; where that clock
 * differs from UTC by half hours (`offset`, ms), of shorter buckets, as far as the archive has them and there may be so
 * many.
 */
export function barGrain(width: number, cadence: number, offset = 0): Grain {
  const step = barStep(width, cadence);
  // A day may have 25 hours.
  const lead = step > HOUR ? step + HOUR : step;
  const least = offset % HOUR === 0 ? HOUR : HOUR / 4;
  const base = step > HOUR ? stepFor(width + lead, MOST_POINTS, least) : step;
  return { points: Math.ceil((width + lead) / base), lead };
}

/** Where the bars of a span begin, and the last one ends. */
export function barEdges({ from, to }: Span, step: number, place: Place): number[] {
  const [first, last] = [from - step - HOUR, to + step + HOUR];
  const edges =
    step <= HOUR
      ? Array.from(
          { length: Math.ceil((last - first) / step) },
          (_, i) => bucketStart(first, step) + i * step,
        )
      : step < DAY
        ? roundTimes(first, last, step, place)
        : dayStarts(first, last, Math.round(step / DAY), place);
  const start = edges.findLastIndex((edge) => edge <= from);
  const end = edges.findIndex((edge) => edge >= to);
  return edges.slice(Math.max(0, start), end < 0 ? undefined : end + 1);
}

export interface Bar extends Span {
  /** One for each metric; `null` without a reading. */
  values: readonly (number | null)[];
  /** The same of the time that is compared with. */
  before?: readonly (number | null)[];
  /** It goes on: its values are not final. */
  isOpen: boolean;
}

type Metric = Pick<MetricRef, "type">;

/** What bars say of these lines: how much a counter grew, the average of anything else. */
export function barsOf(
  lines: readonly (readonly Bucket[])[],
  edges: readonly number[],
  metrics: readonly Metric[],
  now: number,
  before?: readonly (readonly Bucket[])[],
): Bar[] {
  const values = metrics.map((metric, i) => fold(lines[i] ?? [], edges, metric));
  const earlier = before && metrics.map((metric, i) => fold(before[i] ?? [], edges, metric));
  return edges.slice(0, -1).map((from, bar): Bar => {
    const to = edges[bar + 1]!;
    return {
      ...{ from, to, isOpen: to > now },
      values: values.map((of) => of[bar]!),
      ...(earlier && { before: earlier.map((of) => of[bar]!) }),
    };
  });
}

/** One value for each bar. */
function fold(buckets: readonly Bucket[], edges: readonly number[], { type }: Metric): (number | null)[] {
  const sums = edges.slice(1).map(() => ({ sum: 0, count: 0 }));
  let bar = 0;
  for (const { at, sum, count, increase } of buckets) {
    while (bar < sums.length && edges[bar + 1]! <= at) bar += 1;
    const into = sums[bar];
    if (!into || at < edges[bar]!) continue;
    into.sum += type === "counter" ? (increase ?? 0) : sum;
    into.count += count;
  }
  return sums.map(({ sum, count }) => (count === 0 ? null : type === "counter" ? sum : sum / count));
}

/**
 * The silences of bars: those that are known, and whole bars without a reading, between others that have one, as long
 * as `limit`. The archive does not tell when in a bucket a reading came, so that a shorter one may be missed.
 */
export function barSilences(bars: readonly Bar[], known: readonly Silence[], limit: number): Silence[] {
  const found: Silence[] = [];
  const isEmpty = ({ values }: Bar) => values.every((value) => value === null);
  let start = bars.findIndex((bar) => !isEmpty(bar));
  bars.forEach((bar, i) => {
    if (start < 0 || isEmpty(bar)) return;
    const [from, to] = [bars[start]!.to, bar.from];
    start = i;
    if (to - from < limit) return;
    if (!known.some((one) => one.from <= from && (one.to ?? Number.POSITIVE_INFINITY) >= to))
      found.push({ from, to });
  });
  return [...known, ...found].sort((a, b) => a.from - b.from);
}

/** The bar at a time. */
export function barAt(bars: readonly Bar[], at: number): Bar | undefined {
  return bars.find(({ from, to }) => from <= at && at < to);
}

/** The newest bar that is over. */
export function lastWhole(bars: readonly Bar[]): Bar | undefined {
  return bars.findLast(({ isOpen, values }) => !isOpen && values.some((value) => value !== null));
}

export function barTotal({ values }: Pick<Bar, "values">): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Bars are read by their length, so zero belongs to their axis. */
export function barScale(bars: readonly Bar[], stacked: boolean, thresholds: readonly Threshold[]): Scale {
  const values = bars.flatMap((bar) => {
    const of = [bar.values, bar.before ?? []];
    return stacked ? of.flatMap((some) => stackValues(some).flatMap((part) => part ?? [])) : of.flat();
  });
  return scaleWith([0, ...values.filter((value) => value !== null)], { min: undefined }, thresholds);
}

/** The share of a bar's width that stays free at each side. */
const AIR = 0.1;
const OPEN_OPACITY = 0.45;

export interface BarBox {
  scale: Scale;
  span: Span;
  width: number;
  height: number;
}

/** A path for each metric's bars, those that go on lighter; what they are compared with is a dashed cap. */
export function barMarks(
  bars: readonly Bar[],
  colours: readonly string[],
  stacked: boolean,
  { scale, span, width, height }: BarBox,
): Mark[] {
  const y = (value: number) => yOf(value, scale) * height;
  const slots = stacked ? 1 : colours.length;
  return colours.flatMap((colour, i): Mark[] => {
    const whole: string[] = [];
    const open: string[] = [];
    const caps: string[] = [];
    for (const { from, to, values, before, isOpen } of bars) {
      const left = xOf(from, span) * width;
      const full = xOf(to, span) * width - left;
      const slot = (full * (1 - 2 * AIR)) / slots;
      const x = left + full * AIR + (stacked ? 0 : i * slot);
      const part = partOf(values, i, stacked);
      if (part) {
        const [low, high] = part.map(y) as [number, number];
        const box = `M${x.toFixed(1)} ${low.toFixed(1)}V${high.toFixed(1)}h${slot.toFixed(1)}V${low.toFixed(1)}Z`;
        (isOpen ? open : whole).push(box);
      }
      const cap = before && partOf(before, i, stacked);
      if (cap)
        caps.push(`M${x.toFixed(1)} ${y(before[i]! < 0 ? cap[0] : cap[1]).toFixed(1)}h${slot.toFixed(1)}`);
    }
    return [
      { d: whole.join(""), fill: colour },
      { d: open.join(""), fill: colour, opacity: OPEN_OPACITY },
      { d: caps.join(""), stroke: "--ink", width: BEFORE_WIDTH, dash: BEFORE_DASH },
    ].filter(({ d }) => d !== "");
  });
}

function partOf(values: readonly (number | null)[], i: number, stacked: boolean): [number, number] | null {
  if (stacked) return stackValues(values)[i]!;
  const value = values[i]!;
  return value === null ? null : [Math.min(0, value), Math.max(0, value)];
}
