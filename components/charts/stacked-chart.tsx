"use client";

import { LineChart, type LineChartProps } from "./line-chart";
import { layerMiddle, stackLines, totalText } from "./stacked-lines";

/** How the lines of a chart stand on each other. */
const STACK = { lines: stackLines, place: layerMiddle, total: totalText };

/** A line chart whose lines are areas on top of each other, with their total: for the parts of a whole. */
export function StackedChart(props: Omit<LineChartProps, "stack" | "area" | "fit">) {
  return <LineChart {...props} stack={STACK} />;
}
