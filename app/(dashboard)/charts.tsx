import type { ComponentProps } from "react";
import { readPageAnnotations, readPageHistory } from "@/app/_server/page-range";
import { LineChart as LiveLineChart } from "@/components/charts/late-charts";

/** A line chart that comes with its past and what happened in it, so that nothing is missing before any script runs. */
export async function LineChart(
  props: Omit<ComponentProps<typeof LiveLineChart>, "initial" | "annotations">,
) {
  const [initial, annotations] = await Promise.all([readPageHistory(props.metrics), readPageAnnotations()]);
  return <LiveLineChart {...props} initial={initial} annotations={annotations} />;
}
