import type { ReactNode } from "react";
import Area from "./examples/area-chart";
import Bar from "./examples/bar-chart";
import Category from "./examples/category-chart";
import Connection from "./examples/connection";
import Feed from "./examples/feed-table";
import GaugeExample from "./examples/gauge";
import Heat from "./examples/heat-chart";
import Line from "./examples/line-chart";
import Table from "./examples/live-table";
import Card from "./examples/metric-card";
import Stacked from "./examples/stacked-chart";

interface GalleryExample {
  /** Of its file in `examples`, and in links. */
  name: string;
  title: string;
  about: string;
  Example: () => ReactNode;
  /** As narrow as in a row of cards. */
  isCard?: boolean;
}

/** What the gallery shows, in the order of `docs/adding-a-page.md`. */
export const EXAMPLES: readonly GalleryExample[] = [
  {
    ...{ name: "metric-card", title: "MetricCard", isCard: true },
    about: "One number, its last minutes, and whether that is good.",
    Example: Card,
  },
  {
    ...{ name: "gauge", title: "Gauge", isCard: true },
    about: "A number with a largest value, where the room that is left is the news.",
    Example: GaugeExample,
  },
  { name: "line-chart", title: "LineChart", about: "Metrics of one unit over time.", Example: Line },
  { name: "area-chart", title: "LineChart, area", about: "The same, filled down to zero.", Example: Area },
  {
    name: "stacked-chart",
    title: "StackedChart",
    about: "Parts of a whole, with their total.",
    Example: Stacked,
  },
  {
    ...{ name: "bar-chart", title: "BarChart" },
    about: "How much counters grew, and averages of anything else.",
    Example: Bar,
  },
  { name: "heat-chart", title: "HeatChart", about: "How often something took how long.", Example: Heat },
  {
    ...{ name: "category-chart", title: "CategoryChart" },
    about: "A column of a table, the largest first.",
    Example: Category,
  },
  {
    name: "live-table",
    title: "LiveTable",
    about: "Rows, sorted and filtered by whoever looks.",
    Example: Table,
  },
  { name: "feed-table", title: "FeedTable", about: "Items, the newest first.", Example: Feed },
  {
    ...{ name: "connection", title: "ConnectionIndicator", isCard: true },
    about: "The state of the connection; every page has it in its bar.",
    Example: Connection,
  },
];
