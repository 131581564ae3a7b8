import type { MetricRef } from "@/lib/shared/define-channel";
import type { Bar } from "./bar-model";
import type { ChartSnapshot } from "./chart-snapshot";
import { heatMarks } from "./heat-model";
import { overTime, type TimeChart } from "./line-snapshot";

export interface HeatModel extends TimeChart {
  kind: "heat";
  title: string;
  name: string;
  bands: readonly { name: string; metric: MetricRef }[];
  columns: readonly Bar[];
  bounds: readonly number[];
  /** Where one band ends and the next begins, from the top. */
  borders: readonly { place: number; label: string }[];
  legend: readonly { name: string; colour: string }[];
}

/** What a heat chart hands to its table and files. */
export function heatSnapshot(model: HeatModel): ChartSnapshot {
  const { bands, columns, bounds, borders, legend, picture } = model;
  return {
    ...overTime(model),
    data: {
      kind: "slots",
      columns: bands.map(({ name, metric }) => ({ title: name, format: metric })),
      slots: columns,
    },
    marks: (width, height) => heatMarks(columns, bounds, picture.span, width, height),
    grid: borders.map(({ place }) => place),
    values: borders,
    thresholds: [],
    labels: legend.map((one) => ({ ...one, text: "", place: null })),
  };
}
