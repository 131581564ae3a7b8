import type { ComponentProps } from "react";
import { readPageHistory } from "@/app/_server/page-range";
import { LineChart as LiveLineChart } from "@/components/charts/line-chart";

/** A line chart that comes with its past, so that nothing is missing before any script runs. */
export async function LineChart(props: Omit<ComponentProps<typeof LiveLineChart>, "initial">) {
  return <LiveLineChart {...props} initial={await readPageHistory(props.metrics)} />;
}
