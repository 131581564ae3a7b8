import type { Pick as BoardPick } from "@/lib/shared/boards/board";
import { formatTick } from "@/lib/shared/format";
import type { ChartLine } from "./chart-lines";
import { type Scale, yOf } from "./chart-model";
import type { ChartSnapshot } from "./chart-snapshot";
import { gapsOf } from "./gaps";
import { lineMarks } from "./marks";
import type { ShownThreshold } from "./thresholds";
import type { useTimeChart } from "./use-time-chart";

export type TimeChart = Pick<
  ReturnType<typeof useTimeChart>,
  "picture" | "place" | "shown" | "silences" | "reason" | "ticks"
>;

export interface LineModel extends TimeChart {
  kind: "lines";
  title: string;
  name: string;
  /** Those with labels, and all. */
  lines: readonly ChartLine[];
  all: readonly ChartLine[];
  scale: Scale;
  thresholds: readonly ShownThreshold[];
  ends: readonly (number | null)[];
  endTexts: readonly string[];
  /** The same chart for a board, where it can stand on one. */
  pick?: BoardPick;
}

/** What a line chart hands to its table and files. */
export function lineSnapshot(model: LineModel): ChartSnapshot {
  const { lines, all, scale, picture, ends, endTexts } = model;
  return {
    ...overTime(model),
    data: {
      kind: "lines",
      step: picture.step,
      lines: all.map(({ name, metric, buckets, before }) => ({
        title: name,
        format: metric,
        buckets,
        isCounter: metric.type === "counter",
        before: before?.buckets,
        ...(before?.isTotal && { beforeTitle: "Total, before" }),
      })),
    },
    marks: (width, height) => lineMarks(all, scale, picture.span, width, height),
    ...valueAxis(scale, lines[0]!, model),
    labels: lines.map(({ name, colour }, i) => ({
      ...{ name, colour, text: endTexts[i]! },
      place: ends[i] == null ? null : yOf(ends[i], scale),
    })),
  };
}

/** What the snapshots of all charts over time have in common. */
export function overTime({
  title,
  name,
  picture,
  place,
  shown,
  silences,
  reason,
  ticks,
}: TimeChart & { title: string; name: string }) {
  const { now, span } = picture;
  const gaps = gapsOf(silences, picture, place, reason);
  return { title, name, rangeText: shown, now, place, span, gaps, times: ticks };
}

/** A numeric value axis with its grid and thresholds. */
export function valueAxis(
  scale: Scale,
  { metric }: Pick<ChartLine, "metric">,
  { place, thresholds }: Pick<LineModel, "place" | "thresholds">,
) {
  const grid = scale.ticks.map((tick) => yOf(tick, scale));
  return {
    grid,
    values: scale.ticks.map((tick, i) => ({
      place: grid[i]!,
      label: formatTick(tick, metric, place.locale, scale.step),
    })),
    thresholds: thresholds.map((one) => ({ ...one, place: yOf(one.value, scale) })),
  };
}
