import type { ComponentProps } from "react";
import { readClockOffset, readPageAnnotations, readPageHistory } from "@/app/_server/page-range";
import { barGrain } from "@/components/charts/bar-model";
import { heatGrain } from "@/components/charts/heat-model";
import * as live from "@/components/charts/late-charts";
import type { MetricRef } from "@/lib/shared/define-channel";
import type { Grain } from "@/lib/shared/history";

/*
 * Charts that come with their past and what happened in it, so that nothing is missing before any script runs.
 */

type Props<Chart extends keyof typeof live> = Omit<
  ComponentProps<(typeof live)[Chart]>,
  "initial" | "initialClock" | "annotations"
>;

async function readPast(metrics: readonly MetricRef[], grainOf?: (width: number) => Grain) {
  const [initial, annotations] = await Promise.all([
    readPageHistory(metrics, grainOf),
    readPageAnnotations(),
  ]);
  return { initial, annotations };
}

export async function LineChart(props: Props<"LineChart">) {
  return <live.LineChart {...props} {...(await readPast(props.metrics))} />;
}

export async function StackedChart(props: Props<"StackedChart">) {
  return <live.StackedChart {...props} {...(await readPast(props.metrics))} />;
}

export async function BarChart(props: Props<"BarChart">) {
  const { cadence } = props.metrics[0]!;
  const clock = await readClockOffset();
  const past = await readPast(props.metrics, (width) => barGrain(width, cadence, clock));
  return <live.BarChart {...props} {...past} initialClock={clock} />;
}

export async function HeatChart(props: Props<"HeatChart">) {
  const metrics = props.bands.map(({ metric }) => metric);
  const past = await readPast(metrics, (width) => heatGrain(width, metrics[0]!.cadence));
  return <live.HeatChart {...props} {...past} />;
}
