import type { ComponentProps } from "react";
import { readPageHistory } from "@/app/_server/page-range";
import { BarChart as LiveBarChart } from "@/components/charts/bar-chart";
import { barGrain } from "@/components/charts/bar-model";

/** A bar chart that comes with its past. In a file of its own: a page loads the code of all that its files import. */
export async function BarChart(props: Omit<ComponentProps<typeof LiveBarChart>, "initial">) {
  const { cadence } = props.metrics[0]!;
  const initial = await readPageHistory(props.metrics, (width) => barGrain(width, cadence));
  return <LiveBarChart {...props} initial={initial} />;
}
