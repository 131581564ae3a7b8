import { type BarModel, barSnapshot } from "./bar-snapshot";
import { type CategoryModel, categorySnapshot } from "./category-snapshot";
import type { ChartSnapshot } from "./chart-snapshot";
import { type HeatModel, heatSnapshot } from "./heat-snapshot";
import { type LineModel, lineSnapshot } from "./line-snapshot";

/** What a chart has at hand when its menu is used. */
export type ChartModel = LineModel | BarModel | HeatModel | CategoryModel;

/** What all kinds of charts hand to their tables and files. Loaded with the menu. */
export function snapshotOf(model: ChartModel): ChartSnapshot {
  switch (model.kind) {
    case "lines":
      return lineSnapshot(model);
    case "bars":
      return barSnapshot(model);
    case "heat":
      return heatSnapshot(model);
    case "categories":
      return categorySnapshot(model);
  }
}
