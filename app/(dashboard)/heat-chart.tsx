import type { ComponentProps } from "react";
import { readPageHistory } from "@/app/_server/page-range";
import { HeatChart as LiveHeatChart } from "@/components/charts/heat-chart";
import { heatGrain } from "@/components/charts/heat-model";

/** A heat chart that comes with its past. In a file of its own: a page loads the code of all that its files import. */
export async function HeatChart(props: Omit<ComponentProps<typeof LiveHeatChart>, "initial">) {
  const metrics = props.bands.map(({ metric }) => metric);
  const initial = await readPageHistory(metrics, (width) => heatGrain(width, metrics[0]!.cadence));
  return <LiveHeatChart {...props} initial={initial} />;
}
