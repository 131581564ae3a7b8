import { HeatChart } from "@/app/(dashboard)/charts";
import { shop } from "@/components/gallery/gallery-channels";

const { fast, usual, slow } = shop.metrics;
const BANDS = [
  { metric: fast, name: "under 50 ms", edge: 50 },
  { metric: usual, name: "50–200 ms", edge: 200 },
  { metric: slow, name: "over 200 ms" },
];

export default function Example() {
  return (
    <HeatChart
      name="answers"
      title="Answers by how long they took"
      bands={BANDS}
      edgeFormat={{ unit: "milliseconds" }}
    />
  );
}
