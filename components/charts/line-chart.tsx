"use client";

import { CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import { FreshnessNote } from "@/components/cards/freshness-note";
import { useFreshness, useLocale, useSeries } from "@/components/live/hooks";
import { useSteady } from "@/components/ui/use-steady";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTime } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import { EndLabels, MINUTES, Readout, TimeAxis, ValueAxis } from "./chart-labels";
import { drawnPoints, extremes, readingAt, scaleFor, silenceLimit, silences, WINDOW_MS } from "./chart-model";
import { type ChartLine, ChartPlot } from "./chart-plot";
import { useCrosshair } from "./crosshair";
import { useChartNow } from "./use-chart-now";

/** More lines than this cannot be told apart. */
const MAX_LINES = 7;

interface LineChartProps {
  title: string;
  /** At most seven, of one unit. */
  metrics: readonly MetricRef[];
  /** Short names for the lines, where the metrics' titles say more than is needed here. */
  labels?: readonly string[];
  /** The axis fits the line instead of starting at zero: for totals, of which only the growth shows. */
  fit?: boolean;
  /** For tests and links; unique on the page. */
  name: string;
  /** Shown in the plot's place until there was ever any data. */
  empty?: ReactNode;
}

/** Metrics over the last five minutes. The right edge is the server's now, so time slides and labels stay. */
export function LineChart({ title, metrics, labels, fit, name, empty }: LineChartProps) {
  const first = metrics[0]!;
  const { freshness } = useFreshness(first.channel, first.maxAge);
  return (
    <figure
      data-testid={`chart-${name}`}
      className="@container flex min-w-0 flex-col gap-1 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <div className="flex h-5 items-center justify-between gap-4">
        <h2 className="truncate font-medium text-sm">{title}</h2>
        <FreshnessNote of={first} brief />
      </div>
      {freshness === "empty" ? (
        <div className="grid min-h-52 items-center py-2 md:min-h-67">{empty ?? <NothingYet />}</div>
      ) : (
        <Lines title={title} metrics={metrics} labels={labels} fit={fit} />
      )}
    </figure>
  );
}

function NothingYet() {
  return (
    <p className="flex items-center justify-center gap-2 text-soft">
      <CircleDashed aria-hidden className="size-4" />
      The line begins with the first reading
    </p>
  );
}

type LinesProps = Pick<LineChartProps, "title" | "metrics" | "labels" | "fit">;

function Lines({ title, metrics, labels, fit }: LinesProps) {
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
      name: labels?.[i] ?? metric.title,
      colour: `--chart-${i + 1}`,
      points: drawnPoints(points, limit, now),
      limit,
    };
  });
  const values = lines.flatMap(({ points }) =>
    points.flatMap(([, value]) => (value === null ? [] : [value])),
  );
  const scale = scaleFor(values, fit ? {} : first);
  const ends = lines.map(({ points }) => lastValue(points));
  const endTexts = useSteadyTexts(
    ends.map((value, i) => formatInline(value, lines[i]!.metric, place.locale)),
  );
  const at = crosshair === null ? null : now - (1 - crosshair) * WINDOW_MS;
  const atText = at === null ? undefined : formatTime(at, place);
  const texts = at === null ? endTexts : lines.map((line) => readingText(line, at, place.locale));
  return (
    <>
      <Readout lines={lines} texts={texts} atText={atText} />
      <div className="grid grid-cols-[3.25rem_1fr] pt-1.5 @min-[460px]:grid-cols-[3.25rem_1fr_8rem]">
        <ValueAxis scale={scale} metric={first} locale={place.locale} />
        <ChartPlot
          title={title}
          lines={lines}
          scale={scale}
          now={now}
          silences={silences(series[0]!.points, silenceLimit(first), now)}
          reason={down}
          crosshair={crosshair}
          valueText={[atText, ...lines.map(({ name }, i) => `${name} ${texts[i]}`)].join(", ")}
        />
        <EndLabels lines={lines} ends={ends} texts={endTexts} scale={scale} />
        <TimeAxis />
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        {summary(lines, endTexts, place.locale)}
      </figcaption>
    </>
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
