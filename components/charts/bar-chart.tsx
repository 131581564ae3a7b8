"use client";

import { type ReactNode, useCallback, useImperativeHandle, useMemo, useRef } from "react";
import { useLocale } from "@/components/live/hooks";
import { useSteadyTexts } from "@/components/ui/use-steady";
import type { PageAnnotations } from "@/lib/shared/annotations";
import { pickOf } from "@/lib/shared/boards/board";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatAge, formatInline, formatTime } from "@/lib/shared/format";
import type { History } from "@/lib/shared/history";
import { widthOf } from "@/lib/shared/time-range";
import {
  type Bar,
  barAt,
  barEdges,
  barGrain,
  barMarks,
  barScale,
  barSilences,
  barStep,
  barsOf,
  barTotal,
  lastWhole,
} from "./bar-model";
import { ChartFrame } from "./chart-frame";
import { EndLabels, Readout, TimeAxis, ValueAxis } from "./chart-labels";
import type { ModelRef } from "./chart-menu-button";
import { silenceLimit } from "./chart-model";
import { ChartPlot } from "./chart-plot";
import { MARKS_HEIGHT, MARKS_WIDTH } from "./marks-drawing";
import { NothingYet } from "./nothing-yet";
import { stackValues } from "./stack";
import { placeThresholds, thresholdsOf } from "./thresholds";
import { offsetOf } from "./time-axis";
import { useTimeChart } from "./use-time-chart";

export interface BarChartProps {
  title: string;
  /** At most seven, of one unit: of a counter a bar shows how much it grew, of anything else the average. */
  metrics: readonly MetricRef[];
  /** Short names, where the metrics' titles say more than is needed here. */
  labels?: readonly string[];
  /** On top of each other, with their total; beside each other by default. */
  stacked?: boolean;
  /** For tests and links; unique on the page. */
  name: string;
  /** Shown in the plot's place until there was ever any data. */
  empty?: ReactNode;
  /** What the server loaded for the page's time range. */
  initial?: readonly History[];
  /** The viewer's clock that it was loaded for: how far ahead of UTC the server took it to be, ms. */
  initialClock?: number;
  /** What the server knew of annotations in it. */
  annotations?: PageAnnotations;
}

/** Metrics over the page's time range, summed up in a few dozen bars at round times of the viewer's clock. */
export function BarChart({ empty, ...props }: BarChartProps) {
  const model: ModelRef = useRef(null);
  const { title, name, metrics } = props;
  return (
    <ChartFrame {...{ title, name, model }} of={metrics[0]!} empty={empty ?? <NothingYet />}>
      <Bars {...props} model={model} />
    </ChartFrame>
  );
}

type BarsProps = Omit<BarChartProps, "empty"> & { model: ModelRef };

function Bars(props: BarsProps) {
  const { title, name, metrics, labels, stacked = false, initial, initialClock, annotations, model } = props;
  const first = metrics[0]!;
  const { cadence } = first;
  const box = useRef<HTMLDivElement>(null);
  const { timeZone } = useLocale();
  const offset = useMemo(() => offsetOf(Date.now(), timeZone), [timeZone]);
  const grainOf = useCallback((width: number) => barGrain(width, cadence, offset), [cadence, offset]);
  // On the first visit the server does not know the zone, and with it how wide the buckets have to be.
  const chart = useTimeChart(metrics, offset === initialClock ? initial : undefined, box, grainOf);
  const { range, picture, place, crosshair, at, shown } = chart;
  const { locale } = place;
  const { span, now } = picture;
  const step = barStep(widthOf(range), cadence);
  // The edges change only when the range has slid past one.
  const known = useRef<number[]>([]);
  const edges = useMemo(() => {
    const next = barEdges(span, step, place);
    if (next.join() !== known.current.join()) known.current = next;
    return known.current;
  }, [span, step, place]);
  const bars = useMemo(
    () => barsOf(picture.lines, edges, metrics, now, picture.before),
    [picture, edges, metrics, now],
  );
  const silences = barSilences(bars, chart.silences, silenceLimit(first));
  const series = useMemo(
    () =>
      metrics.map((metric, i) => ({
        metric,
        name: labels?.[i] ?? metric.title,
        colour: `--chart-${i + 1}`,
      })),
    [metrics, labels],
  );
  const limits = useMemo(() => thresholdsOf(metrics), [metrics]);
  const scale = useMemo(() => barScale(bars, stacked, limits), [bars, stacked, limits]);
  const thresholds = placeThresholds(limits, scale, first);
  const colours = series.map(({ colour }) => colour);
  const marks = barMarks(bars, colours, stacked, {
    ...{ scale, span },
    width: MARKS_WIDTH,
    height: MARKS_HEIGHT,
  });
  const text = (value: number | null, i: number) =>
    value === null ? "no data" : formatInline(value, series[i]!.metric, locale);
  const whole = lastWhole(bars);
  const endTexts = useSteadyTexts(series.map((_, i) => text(whole?.values[i] ?? null, i)));
  const ends = placesOf(whole, stacked, series.length);
  const bar = at === null ? undefined : barAt(bars, at);
  const texts =
    at === null ? endTexts : series.map((_, i) => text(bar?.values[i] ?? null, i) + beside(bar, i, text));
  const atText = bar && spanText(bar, (ms) => formatTime(ms, place, now));
  const shownBar = at === null ? whole : bar;
  const sum = stacked && series.length > 1 && shownBar ? barTotal(shownBar) : null;
  const total = sum === null ? undefined : text(sum, 0);
  const shownText = `${shown} · bars of ${formatAge(step)}`;
  useImperativeHandle(model, () => () => ({
    ...{ kind: "bars", title, name, series, bars, stacked, scale, thresholds, ends, endTexts },
    pick: pickOf("bar", metrics, title),
    ...chart,
    silences,
    shown: shownText,
  }));
  return (
    <>
      <Readout
        lines={series}
        texts={texts}
        total={total}
        atText={at === null ? undefined : (atText ?? "no data")}
        rangeText={shownText}
        status={picture.status}
      >
        {at === null && bars.at(-1)?.isOpen && <span>lighter: not over yet</span>}
        {at === null && picture.before && <span>ticks: before</span>}
      </Readout>
      <div
        ref={box}
        className="grid grid-cols-[3.25rem_1fr] pt-6 @min-[460px]:grid-cols-[3.25rem_1fr_8rem] in-data-fill:xl:min-h-0 in-data-fill:xl:flex-1 in-data-fill:xl:grid-rows-[minmax(0,1fr)_auto]"
      >
        <ValueAxis scale={scale} metric={first} locale={locale} />
        <ChartPlot
          title={title}
          annotations={annotations}
          marks={marks}
          scale={scale}
          thresholds={thresholds}
          picture={picture}
          range={range}
          silences={silences}
          reason={chart.reason}
          crosshair={crosshair}
          valueText={[
            atText ?? "no data",
            ...series.map((one, i) => `${one.name} ${texts[i]}`),
            ...(total ? [`total ${total}`] : []),
          ].join(", ")}
        />
        <EndLabels lines={series} ends={ends} texts={endTexts} scale={scale} />
        <TimeAxis ticks={chart.ticks} />
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        Bar chart, {shownText}. Newest whole bar:{" "}
        {series.map((one, i) => `${one.name} ${endTexts[i]}`).join(", ")}.
      </figcaption>
    </>
  );
}

/** At the newest whole bar's height, or in the middle of its parts. */
function placesOf(bar: Bar | undefined, stacked: boolean, count: number): (number | null)[] {
  if (!bar) return new Array(count).fill(null);
  if (!stacked) return [...bar.values];
  return stackValues(bar.values).map((part) => part && (part[0] + part[1]) / 2);
}

function beside(bar: Bar | undefined, i: number, text: (value: number | null, i: number) => string): string {
  return bar?.before ? `, before ${text(bar.before[i] ?? null, i)}` : "";
}

function spanText({ from, to, isOpen }: Bar, clock: (ms: number) => string): string {
  return isOpen ? `since ${clock(from)}, so far` : `${clock(from)}–${clock(to)}`;
}
