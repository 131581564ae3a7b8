import type { ComponentProps } from "react";
import { readPageHistory } from "@/app/_server/page-range";
import { BarChart as LiveBarChart } from "@/components/charts/bar-chart";
import { barGrain } from "@/components/charts/bar-model";
import { HeatChart as LiveHeatChart } from "@/components/charts/heat-chart";
import { heatGrain } from "@/components/charts/heat-model";
import { LineChart as LiveLineChart } from "@/components/charts/line-chart";

/** The charts of `components/charts`, each with its past, so that nothing is missing before any script runs. */
export async function LineChart(props: Omit<ComponentProps<typeof LiveLineChart>, "initial">) {
  return <LiveLineChart {...props} initial={await readPageHistory(props.metrics)} />;
}

export async function BarChart(props: Omit<ComponentProps<typeof LiveBarChart>, "initial">) {
  const { cadence } = props.metrics[0]!;
  const initial = await readPageHistory(props.metrics, (width) => barGrain(width, cadence));
  return <LiveBarChart {...props} initial={initial} />;
}

export async function HeatChart(props: Omit<ComponentProps<typeof LiveHeatChart>, "initial">) {
  const metrics = props.bands.map(({ metric }) => metric);
  const initial = await readPageHistory(metrics, (width) => heatGrain(width, metrics[0]!.cadence));
  return <LiveHeatChart {...props} initial={initial} />;
}
