import { CategoryChart } from "@/components/charts/category-chart";
import { shelves } from "@/components/gallery/gallery-channels";

export default function Example() {
  return <CategoryChart name="left" title="Left on the shelves" table={shelves.table} column="left" />;
}
