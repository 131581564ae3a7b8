import { type Extremes, pathOf, type Scale, silenceLimit, xOf } from "@/components/charts/chart-model";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatTick } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import { drawnPoints, extremes, SPARK_MS } from "./sparkline-model";

const WIDTH = 200;
const HEIGHT = 32;
/** More would not show in a line this short. */
const MAX_POINTS = 75;

/** The last minutes of a metric as a line that ends at its newest reading, with the lowest and highest value. */
export function Sparkline({
  metric,
  points,
  locale,
  instead,
}: {
  metric: MetricRef;
  points: readonly Point[];
  locale: string;
  /** Said in the place of lowest and highest value. */
  instead?: string;
}) {
  const to = points.at(-1)?.[0] ?? 0;
  const span = { from: to - SPARK_MS, to };
  const drawn = drawnPoints(points, silenceLimit(metric), span);
  const range = extremes(drawn);
  if (!range)
    return (
      <p className="flex h-13 items-center text-soft text-xs @max-[150px]:h-17">
        Waiting for the first reading
      </p>
    );
  const start = xOf(Math.max(drawn[0]![0], span.from), span);
  // A line that began only now fills the box as well: what is not known yet is no news.
  const width = WIDTH / Math.max(1 - start, 0.01);
  return (
    <div className="flex flex-col gap-1">
      <svg
        viewBox={`${width - WIDTH} 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-8 w-full"
        aria-hidden="true"
      >
        <path
          d={pathOf(thin(drawn), padded(range), span, width, HEIGHT)}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="1.5"
          strokeLinejoin="round"
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      {instead ? (
        <p className="truncate text-soft text-xs leading-4 @max-[150px]:h-8" title={instead}>
          {instead}
        </p>
      ) : (
        <p className="flex flex-wrap justify-between gap-x-1 @max-[150px]:flex-col whitespace-nowrap text-soft text-xs leading-4 tabular-nums">
          <span suppressHydrationWarning>min {formatTick(range.min, metric, locale)}</span>
          <span suppressHydrationWarning>max {formatTick(range.max, metric, locale)}</span>
        </p>
      )}
    </div>
  );
}

/**
 * The axis fits the line, not the metric: a sparkline shows the shape, and the number above it the size. What
 * hardly moves looks flat.
 */
function padded({ min, max }: Extremes): Scale {
  const least = Math.max(Math.abs(max) * 0.02, 1e-9);
  const pad = Math.max((max - min) * 0.08, (least - (max - min)) / 2);
  return { min: min - pad, max: max + pad, step: 0, ticks: [] };
}

/** Fewer points: of every group the lowest and the highest stay, and so do breaks. */
function thin(points: readonly Point[]): Point[] {
  const size = Math.ceil((2 * points.length) / MAX_POINTS);
  if (size <= 2) return [...points];
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += size) {
    const group = points.slice(start, start + size);
    const numbers = group.filter(([, value]) => value !== null);
    const low = numbers.reduce<Point | undefined>((a, b) => (a && a[1]! <= b[1]! ? a : b), undefined);
    const high = numbers.reduce<Point | undefined>((a, b) => (a && a[1]! >= b[1]! ? a : b), undefined);
    const last = group.at(-1);
    kept.push(
      ...group.filter((point) => point === low || point === high || point === last || point[1] === null),
    );
  }
  return kept;
}
