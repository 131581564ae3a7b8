"use client";

import { FreshnessNote } from "@/components/cards/freshness-note";
import { useFreshness, useLocale, useSeries } from "@/components/live/hooks";
import { useSteady } from "@/components/ui/use-steady";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTick, formatTime } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import {
  drawnPoints,
  extremes,
  readingAt,
  scaleFor,
  silenceLimit,
  silences,
  spread,
  WINDOW_MS,
  yOf,
} from "./chart-model";
import { type ChartLine, ChartPlot } from "./chart-plot";
import { useCrosshair } from "./crosshair";
import { useChartNow } from "./use-chart-now";

/** More lines than this cannot be told apart. */
export const MAX_LINES = 7;
/** The distance between two labels at the lines' ends, as a share of the plot's height. */
const LABEL_GAP = 0.1;
const MINUTES = WINDOW_MS / 60_000;

interface LineChartProps {
  title: string;
  /** At most seven, of one unit. */
  metrics: readonly MetricRef[];
  /** For tests and links; unique on the page. */
  name: string;
}

/** Metrics over the last five minutes. The right edge is the server's now, so time slides and labels stay. */
export function LineChart({ title, metrics, name }: LineChartProps) {
  const first = metrics[0]!;
  const now = useChartNow();
  const place = useLocale();
  const crosshair = useCrosshair();
  const { down } = useFreshness(first.channel, first.maxAge);
  // biome-ignore lint/correctness/useHookAtTopLevel: a chart's metrics are constant.
  const series = metrics.slice(0, MAX_LINES).map((metric) => ({ metric, points: useSeries(metric) }));
  const lines = series.map(({ metric, points }, i): ChartLine => {
    const limit = silenceLimit(metric);
    return {
      metric,
      name: metric.title,
      colour: `--chart-${i + 1}`,
      points: drawnPoints(points, limit, now),
      limit,
    };
  });
  const values = lines.flatMap(({ points }) =>
    points.flatMap(([, value]) => (value === null ? [] : [value])),
  );
  const scale = scaleFor(values, { min: first.min, max: first.max });
  const at = crosshair === null ? null : now - (1 - crosshair) * WINDOW_MS;
  const ends = lines.map(({ points }) => lastValue(points));
  const shownEnds = useSteadyTexts(
    ends.map((value, i) => formatInline(value, lines[i]!.metric, place.locale)),
  );
  const endPlaces = spread(
    ends.map((value) => (value === null ? 1 : yOf(value, scale))),
    LABEL_GAP,
  );
  const readings = at === null ? shownEnds : lines.map((line) => readingText(line, at, place.locale));
  const readout = lines.map((line, i) => ({ ...line, text: readings[i]! }));
  const atText = at === null ? undefined : formatTime(at, place);
  return (
    <figure
      data-testid={`chart-${name}`}
      className="@container flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <div className="flex items-center justify-between gap-4">
        <h3 className="truncate font-medium text-sm">{title}</h3>
        <FreshnessNote of={first} brief />
      </div>
      <p
        className="flex min-h-5 flex-wrap items-center gap-x-4 text-soft text-xs tabular-nums"
        suppressHydrationWarning
      >
        <span className="min-w-24">{atText ?? `Last ${MINUTES} minutes`}</span>
        {readout.map(({ name, colour, text }) => (
          <span
            key={name}
            className={`flex items-center gap-1.5 ${at === null ? "@min-[560px]:hidden" : ""}`}
            suppressHydrationWarning
          >
            <Swatch colour={colour} />
            {metrics.length > 1 && name} <b className="font-medium text-ink">{text}</b>
          </span>
        ))}
      </p>
      <div className="grid grid-cols-[3.25rem_1fr] @min-[560px]:grid-cols-[3.25rem_1fr_9rem]">
        <div className="relative" aria-hidden="true">
          {scale.ticks.map((tick) => (
            <span
              key={tick}
              className="absolute right-2 -translate-y-1/2 whitespace-nowrap text-soft text-xs tabular-nums"
              style={{ top: `${yOf(tick, scale) * 100}%` }}
              suppressHydrationWarning
            >
              {formatTick(tick, first, place.locale)}
            </span>
          ))}
        </div>
        <ChartPlot
          title={title}
          lines={lines}
          scale={scale}
          now={now}
          silences={silences(series[0]!.points, silenceLimit(first), now)}
          reason={down}
          crosshair={crosshair}
          valueText={[atText, ...readout.map(({ name, text }) => `${name} ${text}`)]
            .filter(Boolean)
            .join(", ")}
        />
        <div className="relative hidden @min-[560px]:block" aria-hidden="true">
          {lines.map(({ name, colour }, i) => (
            <span
              key={name}
              className={`absolute right-0 left-2 flex -translate-y-1/2 items-center gap-1.5 text-xs ${ends[i] === null ? "invisible" : ""}`}
              style={{ top: `${endPlaces[i]! * 100}%` }}
            >
              <Swatch colour={colour} />
              {metrics.length > 1 && <span className="truncate text-soft">{name}</span>}
              <b className="whitespace-nowrap font-medium tabular-nums" suppressHydrationWarning>
                {shownEnds[i]}
              </b>
            </span>
          ))}
        </div>
        <div className="col-start-2 flex justify-between pt-1.5 text-soft text-xs" aria-hidden="true">
          {Array.from({ length: MINUTES + 1 }, (_, i) => MINUTES - i).map((minutes) => (
            <span key={minutes}>
              {minutes === 0
                ? "now"
                : minutes === MINUTES
                  ? `${minutes}\u00a0min ago`
                  : `${minutes}\u00a0min`}
            </span>
          ))}
        </div>
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        {summary(lines, shownEnds, place.locale)}
      </figcaption>
    </figure>
  );
}

function Swatch({ colour }: { colour: string }) {
  return (
    <span aria-hidden className="h-0.5 w-3 shrink-0 rounded-full" style={{ background: `var(${colour})` }} />
  );
}

/** The texts, repainted at most four times a second. */
function useSteadyTexts(texts: string[]): string[] {
  return useSteady(texts.join("\n")).split("\n");
}

function lastValue(points: readonly Point[]): number | null {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null;
}

function readingText({ points, metric, limit }: ChartLine, at: number, locale: string): string {
  const value = readingAt(points, at, limit);
  return value === null ? "no data" : formatInline(value, metric, locale);
}

function summary(lines: readonly ChartLine[], ends: readonly string[], locale: string): string {
  const parts = lines.map(({ name, metric, points }, i) => {
    const range = extremes(points);
    if (!range) return `${name}: no data.`;
    const [lowest, highest] = [range.min, range.max].map((value) => formatInline(value, metric, locale));
    return `${name}: now ${ends[i]}, lowest ${lowest}, highest ${highest}.`;
  });
  return `Line chart of the last ${MINUTES} minutes. ${parts.join(" ")}`;
}
