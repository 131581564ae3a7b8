import { LineChart } from "@/app/(dashboard)/charts";
import { shop } from "@/components/gallery/gallery-channels";

export default function Example() {
  return <LineChart name="storage" title="Stockroom in use" metrics={[shop.metrics.storage]} area />;
}
