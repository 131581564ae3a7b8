"use client";

import { type ReactNode, useImperativeHandle, useMemo, useRef, useState } from "react";
import { useSteady, useSteadyTexts } from "@/components/ui/use-steady";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { PageAnnotations } from "@/lib/shared/annotations";
import { pickOf } from "@/lib/shared/boards/board";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline } from "@/lib/shared/format";
import type { History } from "@/lib/shared/history";
import { ChartFrame } from "./chart-frame";
import { EndLabels, Readout, TimeAxis, ValueAxis } from "./chart-labels";
import { type ChartLine, chartLines, chartScale, endOf, lineExtremes, textAt } from "./chart-lines";
import type { ModelRef } from "./chart-menu-button";
import { ChartPlot } from "./chart-plot";
import { lineMarks } from "./marks";
import { MARKS_HEIGHT, MARKS_WIDTH } from "./marks-drawing";
import { NothingYet } from "./nothing-yet";
import { placeThresholds, thresholdsOf } from "./thresholds";
import { useTimeChart } from "./use-time-chart";

interface Stack {
  lines(lines: readonly ChartLine[], picture: ChartPicture, metrics: readonly MetricRef[]): ChartLine[];
  /** Where a line's label belongs, as a value. */
  place(line: ChartLine): number | null;
  /** At a time (ms), or newest. */
  total(lines: readonly ChartLine[], at: number | null, locale: string): string | undefined;
}

export interface LineChartProps {
  title: string;
  /** Of one unit. Of more than seven, some are told apart at a time, and the others fade until asked for. */
  metrics: readonly MetricRef[];
  /** Short names for the lines, where the metrics' titles say more than is needed here. */
  labels?: readonly string[];
  /** The axis fits the line instead of starting at zero: for totals, of which only the growth shows. */
  fit?: boolean;
  /** Filled down to zero. */
  area?: boolean;
  /** Puts the lines on top of each other: `StackedChart` does. Its code is no part of pages without one. */
  stack?: Stack;
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
export function LineChart({ empty, ...props }: LineChartProps) {
  const model: ModelRef = useRef(null);
  const { title, name, metrics } = props;
  return (
    <ChartFrame {...{ title, name, model }} of={metrics[0]!} empty={empty ?? <NothingYet />}>
      <Lines {...props} model={model} />
    </ChartFrame>
  );
}

type LinesProps = Omit<LineChartProps, "empty"> & { model: ModelRef };

function Lines({ title, name, metrics, labels, fit, area, stack, initial, annotations, model }: LinesProps) {
  const first = metrics[0]!;
  const box = useRef<HTMLDivElement>(null);
  const chart = useTimeChart(metrics, initial, box);
  const { range, picture, place, crosshair, at, atText, shown, silences } = chart;
  const [group, setGroup] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart's metrics and labels are constant.
  const all = useMemo(() => {
    const drawn = chartLines(picture, { metrics, labels, area, group });
    return stack ? stack.lines(drawn, picture, metrics) : drawn;
  }, [picture, group]);
  const limits = useMemo(() => thresholdsOf(metrics), [metrics]);
  const scale = useMemo(() => chartScale(all, fit ? {} : first, limits), [all, fit, first, limits]);
  const thresholds = useMemo(() => placeThresholds(limits, scale, first), [limits, scale, first]);
  const marks = useMemo(
    () => lineMarks(all, scale, picture.span, MARKS_WIDTH, MARKS_HEIGHT),
    [all, scale, picture],
  );
  // The others of a stack are one layer, which has a label.
  const lines = stack ? all : all.filter(({ isOther }) => !isOther);
  const endTexts = useSteadyTexts(lines.map((line) => formatInline(endOf(line), line.metric, place.locale)));
  const ends = lines.map(stack?.place ?? endOf);
  const texts = at === null ? endTexts : lines.map((line) => textAt(line, at, place.locale));
  const total = useSteady(stack?.total(lines, at, place.locale));
  const others = metrics.length - lines.filter(({ isOther }) => !isOther).length;
  useImperativeHandle(model, () => () => ({
    ...{ kind: "lines", title, name, lines, all, scale, thresholds, ends, endTexts },
    pick: pickOf(stack ? "stacked" : area ? "area" : "line", metrics, title),
    ...chart,
  }));
  return (
    <>
      <Readout
        lines={lines}
        texts={texts}
        total={total}
        atText={atText}
        rangeText={shown}
        status={picture.status}
      >
        {others > 0 && (
          <button
            type="button"
            onClick={() => setGroup(group + 1)}
            className="needs-script ml-auto rounded-sm px-1 text-accent underline underline-offset-2"
          >
            {others} others
          </button>
        )}
      </Readout>
      <div
        ref={box}
        className="grid grid-cols-[3.25rem_1fr] pt-6 @min-[460px]:grid-cols-[3.25rem_1fr_8rem] in-data-fill:xl:min-h-0 in-data-fill:xl:flex-1 in-data-fill:xl:grid-rows-[minmax(0,1fr)_auto]"
      >
        <ValueAxis scale={scale} metric={first} locale={place.locale} />
        <ChartPlot
          title={title}
          marks={marks}
          lines={all}
          scale={scale}
          thresholds={thresholds}
          picture={picture}
          range={range}
          silences={silences}
          reason={chart.reason}
          crosshair={crosshair}
          annotations={annotations}
          valueText={[
            atText,
            ...lines.map((line, i) => `${line.name} ${texts[i]}`),
            ...(total ? [`total ${total}`] : []),
          ].join(", ")}
        />
        <EndLabels lines={lines} ends={ends} texts={endTexts} scale={scale} />
        <TimeAxis ticks={chart.ticks} />
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        {summary(lines, endTexts, place.locale, shown)}
      </figcaption>
    </>
  );
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
