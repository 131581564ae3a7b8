/** A half ring from the least to the most a value can be. Pure. */
import type { MetricRef, Threshold } from "@/lib/shared/define-channel";

/** The ring's box, and its radius around the middle of the box's lower edge. */
export const GAUGE = { width: 200, height: 104, radius: 88, thickness: 12 };

export interface Zone {
  from: number;
  to: number;
  level: Threshold["level"] | "usual";
}

/** From where to where (0 to 1) which level holds: a threshold counts from its value on, or down from it. */
export function zonesOf({
  min = 0,
  max = 100,
  good,
  thresholds = [],
}: Pick<MetricRef, "min" | "max" | "good" | "thresholds">): Zone[] {
  const place = (value: number) => Math.min(1, Math.max(0, (value - min) / (max - min)));
  const isDown = good === "up";
  const sorted = thresholds.toSorted((a, b) => a.value - b.value);
  const edges = [0, ...sorted.map(({ value }) => place(value)), 1];
  return edges.slice(0, -1).map((from, i) => {
    const threshold = isDown ? sorted[i] : sorted[i - 1];
    return { from, to: edges[i + 1]!, level: threshold?.level ?? "usual" };
  });
}

/** Where a value stands, 0 to 1, and the zone that it is in. */
export function gaugeOf(
  value: number,
  metric: Pick<MetricRef, "min" | "max" | "good" | "thresholds">,
): { share: number; level: Zone["level"] } {
  const { min = 0, max = 100 } = metric;
  const share = Math.min(1, Math.max(0, (value - min) / (max - min)));
  const zones = zonesOf(metric);
  const zone = zones.findLast(({ from }) => share >= from) ?? zones[0]!;
  return { share, level: zone.level };
}

/** The middle line of a part of the ring, from the left over the top to the right. */
export function arcPath(from: number, to: number): string {
  const { width, height, radius } = GAUGE;
  const at = (share: number) => {
    const angle = Math.PI * (1 - share);
    const [x, y] = [width / 2 + radius * Math.cos(angle), height - 8 - radius * Math.sin(angle)];
    return `${x.toFixed(2)} ${y.toFixed(2)}`;
  };
  return `M${at(from)}A${radius} ${radius} 0 0 1 ${at(to)}`;
}
