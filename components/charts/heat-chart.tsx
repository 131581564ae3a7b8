"use client";

import { type ReactNode, useCallback, useImperativeHandle, useMemo, useRef } from "react";
import { useSteady } from "@/components/ui/use-steady";
import type { PageAnnotations } from "@/lib/shared/annotations";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTick, formatTime, type ValueFormat } from "@/lib/shared/format";
import type { History } from "@/lib/shared/history";
import { widthOf } from "@/lib/shared/time-range";
import { type Bar, barAt, barSilences, barsOf, barTotal, lastWhole } from "./bar-model";
import { ChartFrame } from "./chart-frame";
import { Readout, TimeAxis } from "./chart-labels";
import type { ModelRef } from "./chart-menu-button";
import { type Scale, silenceLimit } from "./chart-model";
import { ChartPlot } from "./chart-plot";
import { columnEdges, heatBounds, heatColour, heatGrain, heatMarks, heatStep } from "./heat-model";
import { MARKS_HEIGHT, MARKS_WIDTH } from "./marks-drawing";
import { NothingYet } from "./nothing-yet";
import { useTimeChart } from "./use-time-chart";

/** A band: how often something between the edge of the band below and its own happened. */
export interface Band {
  metric: MetricRef;
  /** "5–10 ms" */
  name: string;
  /** Where the next band begins; the last one has no end. */
  edge?: number;
}

export interface HeatChartProps {
  title: string;
  /** From the lowest to the highest; rates of one channel. */
  bands: readonly Band[];
  /** How the edges are read. */
  edgeFormat: ValueFormat;
  /** For tests and links; unique on the page. */
  name: string;
  empty?: ReactNode;
  /** What the server loaded for the page's time range. */
  initial?: readonly History[];
  /** What the server knew of annotations in it. */
  annotations?: PageAnnotations;
}

/**
 * What happened how often over the page's time range: time across, bands up, darker where it was more. It is drawn as
 * one SVG path a shade, seven in all, so the browser goes on with what the server drew and needs no canvas.
 */
export function HeatChart({ empty, ...props }: HeatChartProps) {
  const model: ModelRef = useRef(null);
  const { title, name, bands } = props;
  return (
    <ChartFrame {...{ title, name, model }} of={bands[0]!.metric} empty={empty ?? <NothingYet />}>
      <Cells {...props} model={model} />
    </ChartFrame>
  );
}

type CellsProps = Omit<HeatChartProps, "empty"> & { model: ModelRef };

function Cells({ title, name, bands, edgeFormat, initial, annotations, model }: CellsProps) {
  const { metric } = bands[0]!;
  const { cadence } = metric;
  const box = useRef<HTMLDivElement>(null);
  const metrics = useMemo(() => bands.map((band) => band.metric), [bands]);
  const grainOf = useCallback((width: number) => heatGrain(width, cadence), [cadence]);
  const chart = useTimeChart(metrics, initial, box, grainOf);
  const { range, picture, place, crosshair, at, shown } = chart;
  const { span, now } = picture;
  const step = heatStep(widthOf(range), cadence);
  const columns = useMemo(
    () => barsOf(picture.lines, columnEdges(picture.span, step), metrics, picture.now),
    [picture, step, metrics],
  );
  const silences = barSilences(columns, chart.silences, silenceLimit(metric));
  const bounds = useMemo(() => heatBounds(columns), [columns]);
  const marks = heatMarks(columns, bounds, span, MARKS_WIDTH, MARKS_HEIGHT);
  const rate = (value: number) => formatInline(value, metric, place.locale);
  const borders = bands.flatMap(({ edge }, i) =>
    edge === undefined
      ? []
      : { place: 1 - (i + 1) / bands.length, label: formatTick(edge, edgeFormat, place.locale) },
  );
  const scale = useMemo((): Scale => {
    const ticks = bands.map((_, i) => i);
    return { min: 0, max: bands.length, step: 1, ticks: [...ticks, bands.length] };
  }, [bands]);
  const legend = legendOf(bounds, (value) => formatTick(value, metric, place.locale));
  const column = at === null ? undefined : barAt(columns, at);
  const newest = useSteady(sentence(lastWhole(columns), bands, rate));
  const read = at === null ? newest : sentence(column, bands, rate);
  const atText = at === null ? undefined : formatTime(column?.from ?? at, place, now);
  useImperativeHandle(model, () => () => ({
    ...{ kind: "heat", title, name, columns, bounds, borders, legend },
    bands: bands.map((band) => ({ name: band.name, metric: band.metric })),
    ...chart,
    silences,
  }));
  return (
    <>
      <Readout lines={[]} texts={[]} atText={atText} rangeText={shown} status={picture.status}>
        <span suppressHydrationWarning>{read}</span>
      </Readout>
      <div ref={box} className="grid grid-cols-[3.25rem_1fr] pt-6 @min-[460px]:grid-cols-[3.25rem_1fr_8rem]">
        <div className="relative text-soft text-xs tabular-nums" aria-hidden="true">
          {borders.map((border) => (
            <span
              key={border.place}
              className="absolute right-2 -translate-y-1/2 whitespace-nowrap"
              style={{ top: `${border.place * 100}%` }}
              suppressHydrationWarning
            >
              {border.label}
            </span>
          ))}
        </div>
        <ChartPlot
          title={title}
          annotations={annotations}
          marks={marks}
          scale={scale}
          picture={picture}
          range={range}
          silences={silences}
          reason={chart.reason}
          crosshair={crosshair}
          valueText={[atText, read].join(", ")}
        />
        <ul
          data-legend
          aria-label="Shades"
          className="flex flex-wrap gap-x-3 text-soft text-xs tabular-nums @max-[460px]:order-last @max-[460px]:col-start-2 @min-[460px]:flex-col-reverse @min-[460px]:justify-end @min-[460px]:gap-y-1 @min-[460px]:pl-3"
        >
          {legend.map(({ name, colour }) => (
            <li key={colour} className="flex items-center gap-1.5 whitespace-nowrap">
              <span
                aria-hidden
                className="drawn size-3 rounded-[2px]"
                style={{ background: `var(${colour})` }}
              />
              <span suppressHydrationWarning>{name}</span>
            </li>
          ))}
        </ul>
        <TimeAxis ticks={chart.ticks} />
      </div>
      <figcaption className="sr-only" suppressHydrationWarning>
        Heat chart, {shown}, columns of {step / 1000} seconds. {newest}
      </figcaption>
    </>
  );
}

/** Palest first, as the shades' numbers grow. */
function legendOf(bounds: readonly number[], text: (value: number) => string) {
  return bounds.map((bound, i) => ({
    name: i === 0 ? `under ${text(bounds[1] ?? bound)}` : `from ${text(bound)}`,
    colour: heatColour(i + 1),
  }));
}

/** "14.2/s in all, most in 5–10 ms (9.1/s), the highest in 250–500 ms (0.2/s)" */
function sentence(column: Bar | undefined, bands: readonly Band[], rate: (value: number) => string): string {
  const total = column ? barTotal(column) : null;
  if (!column || total === null) return "no data";
  const values = column.values.map((value) => value ?? 0);
  const most = values.indexOf(Math.max(...values));
  const highest = values.findLastIndex((value) => value > 0);
  if (highest < 0) return "nothing";
  const part = (band: number) => `${bands[band]!.name} (${rate(values[band]!)})`;
  return `${rate(total)} in all, most ${part(most)}${highest === most ? "" : `, highest ${part(highest)}`}`;
}
