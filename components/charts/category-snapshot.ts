import type { Pick } from "@/lib/shared/boards/board";
import type { ColumnOptions } from "@/lib/shared/define-channel";
import { formatInline, type Place } from "@/lib/shared/format";
import { type Category, categoryReach } from "./category-model";
import type { ChartSnapshot } from "./chart-snapshot";

export interface CategoryModel {
  kind: "categories";
  title: string;
  name: string;
  /** What the rows are. */
  head: string;
  column: ColumnOptions;
  shown: readonly Category[];
  /** Each row, without an end. */
  all: readonly Category[];
  now: number;
  place: Place;
  /** The same chart for a board. */
  pick: Pick;
}

const THICKNESS = 0.6;

/** What a chart of a table's rows hands to its table and files. */
export function categorySnapshot(model: CategoryModel): ChartSnapshot {
  const { title, name, head, column, shown, all, now, place } = model;
  const format = { ...column, unit: column.unit ?? "none" };
  const { zero, reach } = categoryReach(shown);
  const middle = (i: number) => (i + 0.5) / shown.length;
  return {
    ...{ title, name, now, place, gaps: [], times: [], grid: [], thresholds: [] },
    rangeText: column.title,
    data: {
      kind: "rows",
      head,
      columns: [{ title: column.title, format }],
      rows: all.map((one) => ({ name: one.name, values: [one.value] })),
    },
    marks: (width, height) => {
      const tall = (height / shown.length) * THICKNESS;
      const boxes = reach.map(({ from, to }, i) => {
        const y = middle(i) * height - tall / 2;
        return `M${from * width} ${y}H${to * width}v${tall}H${from * width}Z`;
      });
      return [
        { d: boxes.filter((_, i) => !shown[i]!.isRest).join(""), fill: "--chart-1" },
        { d: boxes.filter((_, i) => shown[i]!.isRest).join(""), fill: "--line-strong" },
        { d: `M${zero * width} 0V${height}`, stroke: "--line", width: 0.5 },
      ];
    },
    values: shown.map((one, i) => ({ place: middle(i), label: one.name })),
    labels: shown.map((one, i) => ({
      name: "",
      text: formatInline(one.value, format, place.locale),
      place: middle(i),
    })),
  };
}
