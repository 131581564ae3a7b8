import type { Pick } from "@/lib/shared/boards/board";
import type { MetricRef } from "@/lib/shared/define-channel";
import { type Bar, barMarks } from "./bar-model";
import { type Scale, yOf } from "./chart-model";
import type { ChartSnapshot } from "./chart-snapshot";
import { overTime, type TimeChart, valueAxis } from "./line-snapshot";
import type { ShownThreshold } from "./thresholds";

export interface BarModel extends TimeChart {
  kind: "bars";
  title: string;
  name: string;
  series: readonly { name: string; colour: string; metric: MetricRef }[];
  bars: readonly Bar[];
  stacked: boolean;
  scale: Scale;
  thresholds: readonly ShownThreshold[];
  /** Where the labels belong, as values. */
  ends: readonly (number | null)[];
  endTexts: readonly string[];
  /** The same chart for a board, where it can stand on one. */
  pick?: Pick;
}

/** What a bar chart hands to its table and files. */
export function barSnapshot(model: BarModel): ChartSnapshot {
  const { series, bars, stacked, scale, picture, ends, endTexts } = model;
  const hasBefore = bars.some(({ before }) => before !== undefined);
  const growth = ({ name, metric }: (typeof series)[number]) =>
    metric.type === "counter" ? `${name}, growth` : `${name}, average`;
  return {
    ...overTime(model),
    data: {
      kind: "slots",
      columns: [
        ...series.map((one) => ({ title: growth(one), format: one.metric })),
        ...(hasBefore ? series.map((one) => ({ title: `${growth(one)}, before`, format: one.metric })) : []),
      ],
      slots: bars.map(({ from, to, isOpen, values, before }) => ({
        ...{ from, to, isOpen },
        values: [...values, ...(hasBefore ? (before ?? values.map(() => null)) : [])],
      })),
    },
    marks: (width, height) =>
      barMarks(
        bars,
        series.map(({ colour }) => colour),
        stacked,
        { scale, span: picture.span, width, height },
      ),
    ...valueAxis(scale, series[0]!, model),
    labels: series.map(({ name, colour }, i) => ({
      ...{ name, colour, text: endTexts[i]! },
      place: ends[i] == null ? null : yOf(ends[i], scale),
    })),
  };
}
