import { StackedChart } from "@/app/(dashboard)/charts";
import { shop } from "@/components/gallery/gallery-channels";

const { web, app, desk } = shop.metrics;

export default function Example() {
  return <StackedChart name="visitors" title="Visitors, all doors" metrics={[web, app, desk]} />;
}
