import { Gauge } from "@/components/charts/gauge";
import { shop } from "@/components/gallery/gallery-channels";

export default function Example() {
  return <Gauge metric={shop.metrics.storage} />;
}
