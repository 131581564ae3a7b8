import { defineChannel } from "@/lib/shared/define-channel";

/** How often each chart has news, ms. */
export const INTERVAL_MS = 100;
/** How much past a page begins with, ms: what a chart shows. */
export const HISTORY_MS = 5 * 60_000;

/** A channel for each chart, as if 24 producers sent what they measure, each on its own. */
export const CHANNELS = Array.from({ length: 24 }, (_, i) =>
  defineChannel({
    kind: "record",
    name: `bench-${i + 1}`,
    title: `Bench ${i + 1}`,
    cadence: INTERVAL_MS,
    maxAge: 60_000,
    filledBy: "ingest",
    metrics: { value: { title: "Value", unit: "none", digits: 2 } },
  }),
);

/** How both pages write a value. */
export function shownValue(value: number): string {
  return value.toFixed(2);
}
