import { drawnPoints, extremes, pathOf, scaleFor, silenceLimit } from "@/components/charts/chart-model";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";

const WIDTH = 200;
const HEIGHT = 32;
/** More would not show in a line this short. */
const MAX_POINTS = 75;

/** The last minutes of a metric as a line that ends at its newest reading, with the lowest and highest value. */
export function Sparkline({
  metric,
  points,
  locale,
}: {
  metric: MetricRef;
  points: readonly Point[];
  locale: string;
}) {
  const now = points.at(-1)?.[0] ?? 0;
  const drawn = drawnPoints(points, silenceLimit(metric), now);
  const range = extremes(drawn);
  if (!range) return <div className="h-8" />;
  // The axis fits the line, not the metric: a sparkline shows the shape, the number above it the size.
  const scale = scaleFor([range.min, range.max], {});
  const flat = range.min === range.max;
  return (
    <div className="flex h-8 items-stretch gap-2">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-8 min-w-0 flex-1 overflow-visible"
        aria-hidden="true"
      >
        <path
          d={pathOf(
            thin(drawn),
            flat ? { ...scale, min: range.min - 1, max: range.max + 1 } : scale,
            now,
            WIDTH,
            HEIGHT,
          )}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="1.5"
          strokeLinejoin="round"
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <p className="flex flex-col justify-between text-right text-soft text-xs leading-4 tabular-nums">
        <span suppressHydrationWarning>max {formatInline(range.max, metric, locale)}</span>
        <span suppressHydrationWarning>min {formatInline(range.min, metric, locale)}</span>
      </p>
    </div>
  );
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
