import { LineChart } from "@/app/(dashboard)/charts";
import { shop } from "@/components/gallery/gallery-channels";

const { web, app, desk } = shop.metrics;

export default function Example() {
  return <LineChart name="doors" title="Visitors by door" metrics={[web, app, desk]} />;
}
