"use client";

import { late } from "@/components/ui/late";

/** As high as a chart. */
const SPACE = <div className="h-74 rounded-card border border-line bg-surface sm:h-86" />;

export const LineChart = late(() => import("./line-chart").then(({ LineChart }) => LineChart), SPACE);
