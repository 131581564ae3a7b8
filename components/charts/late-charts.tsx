"use client";

import { late } from "@/components/ui/late";

/** As high as a chart. */
const SPACE = <div className="h-78 rounded-card border border-line bg-surface sm:h-90" />;

type PropsOf<Chart extends (props: never) => unknown> = Parameters<Chart>[0];

/*
 * What is required here is rendered by the server; a build for the browser leaves it out, and imports it later.
 */

export const LineChart = late<PropsOf<typeof import("./line-chart").LineChart>>(
  () => import("./line-chart").then(({ LineChart }) => LineChart),
  SPACE,
  typeof window === "undefined" ? require("./line-chart").LineChart : undefined,
);

export const StackedChart = late<PropsOf<typeof import("./stacked-chart").StackedChart>>(
  () => import("./stacked-chart").then(({ StackedChart }) => StackedChart),
  SPACE,
  typeof window === "undefined" ? require("./stacked-chart").StackedChart : undefined,
);

export const BarChart = late<PropsOf<typeof import("./bar-chart").BarChart>>(
  () => import("./bar-chart").then(({ BarChart }) => BarChart),
  SPACE,
  typeof window === "undefined" ? require("./bar-chart").BarChart : undefined,
);

export const HeatChart = late<PropsOf<typeof import("./heat-chart").HeatChart>>(
  () => import("./heat-chart").then(({ HeatChart }) => HeatChart),
  SPACE,
  typeof window === "undefined" ? require("./heat-chart").HeatChart : undefined,
);
