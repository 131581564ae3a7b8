import { BarChart } from "@/app/(dashboard)/charts";
import { shop } from "@/components/gallery/gallery-channels";

export default function Example() {
  return <BarChart name="orders" title="New orders" metrics={[shop.metrics.orders]} />;
}
