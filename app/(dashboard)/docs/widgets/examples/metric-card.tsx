import { MetricCard } from "@/components/cards/metric-card";
import { shop } from "@/components/gallery/gallery-channels";

export default function Example() {
  return <MetricCard metric={shop.metrics.visitors} />;
}
