"use client";

import { late } from "@/components/ui/late";

/** As high as a chart. */
const SPACE = <div className="h-74 rounded-card border border-line bg-surface sm:h-86" />;

export const LineChart = late<Parameters<typeof import("./line-chart").LineChart>[0]>(
  () => import("./line-chart").then(({ LineChart }) => LineChart),
  SPACE,
  // A build for the browser leaves this out.
  typeof window === "undefined" ? require("./line-chart").LineChart : undefined,
);
