import type { ComponentProps } from "react";
import { readPageHistory } from "@/app/_server/page-range";
import { StackedChart as LiveStackedChart } from "@/components/charts/stacked-chart";

/** A stacked chart that comes with its past. In a file of its own: a page loads the code of all that its files import. */
export async function StackedChart(props: Omit<ComponentProps<typeof LiveStackedChart>, "initial">) {
  return <LiveStackedChart {...props} initial={await readPageHistory(props.metrics)} />;
}
