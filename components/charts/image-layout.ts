/** Where everything of a chart stands in its image. Pure; lengths in px of the page, which are drawn at `SCALE`. */
import { spread } from "./chart-model";
import type { ChartSnapshot } from "./chart-snapshot";

/** So many dots for each px: sharp on paper and on dense screens. */
export const SCALE = 2;
export const FONT_PX = 12;
export const TITLE_PX = 16;
const WIDTH = 960;
const PLOT_HEIGHT = 320;
const MARGIN = 24;
const GAP = 8;
/** A line of small text. */
const LINE = 18;
export const SWATCH = 14;
/** Names longer than this are squeezed. */
const MOST_LABEL = 240;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ImageLayout {
  width: number;
  height: number;
  /** Left edge and baselines of the two lines above the plot. */
  title: { x: number; y: number; width: number };
  range: { x: number; y: number; width: number };
  plot: Box;
  /** The right edge of the value axis's labels. */
  valuesRight: number;
  /** The baseline of the time axis. */
  timesY: number;
  /** The labels of the lines, each with the middle of its text. */
  labels: { x: number; y: number; width: number }[];
}

/** `measure` gives the width of a small text. */
export function imageLayout(
  { values, labels, times }: Pick<ChartSnapshot, "values" | "labels" | "times">,
  measure: (text: string) => number,
): ImageLayout {
  const widest = (texts: readonly string[]) =>
    Math.min(MOST_LABEL, Math.ceil(texts.reduce((most, text) => Math.max(most, measure(text)), 0)));
  const left = MARGIN + widest(values.map(({ label }) => label)) + GAP;
  const labelWidth = widest(labels.map(labelText));
  const right = labels.length === 0 ? MARGIN : MARGIN + labelWidth + SWATCH + 2 * GAP;
  const top = MARGIN + TITLE_PX + GAP + LINE + GAP;
  const listed = labels.filter(({ place }) => place === null).length;
  const plotHeight = Math.max(PLOT_HEIGHT, listed * LINE, (labels.length - listed) * LINE);
  const plot = { x: left, y: top, width: WIDTH - left - right, height: plotHeight };
  const x = plot.x + plot.width + GAP;
  const places = spread(
    labels.flatMap(({ place }) => place ?? []),
    LINE / plotHeight,
  );
  let placed = 0;
  let rows = 0;
  return {
    width: WIDTH,
    height: plot.y + plotHeight + (times.length > 0 ? LINE + GAP : 0) + MARGIN,
    title: { x: MARGIN, y: MARGIN + TITLE_PX, width: WIDTH - 2 * MARGIN },
    range: { x: MARGIN, y: MARGIN + TITLE_PX + GAP + FONT_PX, width: WIDTH - 2 * MARGIN },
    plot,
    valuesRight: left - GAP,
    timesY: plot.y + plotHeight + GAP + FONT_PX,
    labels: labels.map(({ place }) => {
      const y = place === null ? plot.y + (rows++ + 0.5) * LINE : plot.y + places[placed++]! * plotHeight;
      return { x, y, width: labelWidth };
    }),
  };
}

/** A label as one text. */
export function labelText({ name, text }: { name: string; text: string }): string {
  return [name, text].filter(Boolean).join("  ");
}
