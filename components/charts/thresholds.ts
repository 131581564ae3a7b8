/** Values that mean something on a chart of a metric. Pure. */
import type { MetricRef, Threshold } from "@/lib/shared/define-channel";
import { formatTick, type ValueFormat } from "@/lib/shared/format";
import type { Extremes, Scale } from "./chart-model";

export interface ShownThreshold extends Threshold {
  format: ValueFormat;
  /** Whether it lies in the plot. */
  where: "inside" | "above" | "below";
}

/** A threshold this near is worth room on the axis: times the data's extent. */
const NEAR = 1.5;

/** The thresholds of a chart's metrics; those at one value are one line, as bad as the worst of them. */
export function thresholdsOf(metrics: readonly Pick<MetricRef, "thresholds">[]): Threshold[] {
  const byValue = new Map<number, Threshold>();
  for (const { value, label, level } of metrics.flatMap(({ thresholds }) => thresholds ?? [])) {
    const known = byValue.get(value);
    if (!known) byValue.set(value, { value, label, level });
    else
      byValue.set(value, {
        value,
        label: known.label.split(", ").includes(label) ? known.label : `${known.label}, ${label}`,
        level: known.level === "bad" ? "bad" : level,
      });
  }
  return [...byValue.values()].sort((a, b) => a.value - b.value);
}

/** Those that the scale of data between these extremes takes in. */
export function nearThresholds(thresholds: readonly Threshold[], { min, max }: Extremes): Threshold[] {
  const reach = (max - min) * NEAR;
  return thresholds.filter(({ value }) => value <= min + reach && value >= max - reach);
}

export function placeThresholds(
  thresholds: readonly Threshold[],
  { min, max }: Scale,
  format: ValueFormat,
): ShownThreshold[] {
  return thresholds.map((threshold) => ({
    ...threshold,
    format,
    where: threshold.value > max ? "above" : threshold.value < min ? "below" : "inside",
  }));
}

/** A label takes this much of a small plot's height. */
const LABEL = 0.12;

/**
 * Which labels stand below their lines: one too near to the plot's top, and one whose place above is taken by the label of
 * the line over it. `places` are the lines' distances from the top (0 to 1), from the lowest line up; a label
 * without a line has 0 at the top and infinity at the bottom.
 */
export function labelsBelow(places: readonly number[]): boolean[] {
  const isBelow: boolean[] = [];
  for (let i = places.length - 1; i >= 0; i--) {
    const isNear = places[i]! - (places[i + 1] ?? 0) < 2 * LABEL;
    isBelow[i] = places[i]! < LABEL || (isBelow[i + 1] === true && isNear);
  }
  return isBelow;
}

/** "High 90 %"; of one outside the plot also where. */
export function thresholdText({ value, label, where, format }: ShownThreshold, locale: string): string {
  const place = where === "inside" ? "" : ` is ${where}`;
  return `${label} ${formatTick(value, format, locale)}${place}`;
}
