"use client";

import { CircleDashed } from "lucide-react";
import { type ReactNode, useMemo, useRef } from "react";
import { FreshnessNote } from "@/components/cards/freshness-note";
import { useFreshness, useLocale } from "@/components/live/hooks";
import { rangeText } from "@/components/time/range-words";
import { useSteady } from "@/components/ui/use-steady";
import type { PageAnnotations } from "@/lib/shared/annotations";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTime } from "@/lib/shared/format";
import type { History } from "@/lib/shared/history";
import { EndLabels, Readout, TimeAxis, ValueAxis } from "./chart-labels";
import { type ChartLine, chartLines, chartScale, endOf, lineExtremes, textAt } from "./chart-lines";
import { silences } from "./chart-model";
import { ChartPlot } from "./chart-plot";
import { useCrosshair } from "./crosshair";
import { clockTicks, liveTicks } from "./time-axis";
import { useChart } from "./use-chart";

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
  /** What the server loaded for the page's time range. */
  initial?: readonly History[];
  /** What the server knew of annotations in that range. */
  annotations?: PageAnnotations;
}

/** Metrics over the page's time range. Live, the right edge is the server's now: time slides and labels stay. */
export function LineChart({ title, name, empty, ...rest }: LineChartProps) {
  const first = rest.metrics[0]!;
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
        <div className="grid min-h-56 items-center py-2 md:min-h-71">{empty ?? <NothingYet />}</div>
      ) : (
        <Lines title={title} {...rest} />
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

type LinesProps = Pick<LineChartProps, "title" | "metrics" | "labels" | "fit" | "initial" | "annotations">;

function Lines({ title, metrics: all, labels, fit, initial, annotations }: LinesProps) {
  const metrics = all.slice(0, MAX_LINES);
  const first = metrics[0]!;
  const box = useRef<HTMLDivElement>(null);
  const { range, picture } = useChart(metrics, initial, box);
  const place = useLocale();
  const crosshair = useCrosshair();
  const { down } = useFreshness(first.channel, first.maxAge);
  const { span, now } = picture;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart's metrics and labels are constant.
  const lines = useMemo(() => chartLines(picture, { metrics, labels }), [picture]);
  const scale = useMemo(() => chartScale(lines, fit ? {} : first), [lines, fit, first]);
  const quiet = useMemo(
    () => silences(picture.lines[0] ?? [], lines[0]!.limit, picture.span, picture.now, picture.outages),
    [picture, lines],
  );
  const ticks = useMemo(
    () => (range.fixed ? clockTicks(range.fixed, place) : liveTicks(range.window)),
    [range, place],
  );
  const ends = lines.map(endOf);
  const endTexts = useSteadyTexts(
    ends.map((value, i) => formatInline(value, lines[i]!.metric, place.locale)),
  );
  const at = crosshair === null ? null : span.from + crosshair * (span.to - span.from);
  const atText = at === null ? undefined : formatTime(at, place, now);
  const texts = at === null ? endTexts : lines.map((line) => textAt(line, at, place.locale));
  const shown = rangeText(range, place);
  return (
    <>
      <Readout lines={lines} texts={texts} atText={atText} rangeText={shown} status={picture.status} />
      <div
        ref={box}
        className="grid grid-cols-[3.25rem_1fr] pt-5.5 @min-[460px]:grid-cols-[3.25rem_1fr_8rem]"
      >
        <ValueAxis scale={scale} metric={first} locale={place.locale} />
        <ChartPlot
          title={title}
          lines={lines}
          scale={scale}
          picture={picture}
          range={range}
          silences={quiet}
          reason={down}
          crosshair={crosshair}
          annotations={annotations}
          valueText={[atText, ...lines.map(({ name }, i) => `${name} ${texts[i]}`)].join(", ")}
        />
        <EndLabels lines={lines} ends={ends} texts={endTexts} scale={scale} />
        <TimeAxis ticks={ticks} />
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        {summary(lines, endTexts, place.locale, shown)}
      </figcaption>
    </>
  );
}

/** The texts, repainted at most four times a second. */
function useSteadyTexts(texts: string[]): string[] {
  return useSteady(texts.join("\n")).split("\n");
}

function summary(
  lines: readonly ChartLine[],
  ends: readonly string[],
  locale: string,
  range: string,
): string {
  const parts = lines.map((line, i) => {
    const { name, metric } = line;
    const extremes = lineExtremes(line);
    if (!extremes) return `${name}: no data.`;
    const [lowest, highest] = [extremes.min, extremes.max].map((value) =>
      formatInline(value, metric, locale),
    );
    return `${name}: newest ${ends[i]}, lowest ${lowest}, highest ${highest}.`;
  });
  return `Line chart, ${range}. ${parts.join(" ")}`;
}
