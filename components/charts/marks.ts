/** What is drawn in a plot, as paths in a box of `width` × `height`: for the page's SVG and for an image. Pure. */
import type { Span } from "@/lib/shared/time-range";
import type { ChartLine } from "./chart-lines";
import { bandPath, pathOf, type Scale } from "./chart-model";

/** Colours are the names of CSS variables. */
export interface Mark {
  d: string;
  fill?: string;
  stroke?: string;
  opacity?: number;
  /** Times the usual width of a line. */
  width?: number;
  dash?: readonly number[];
}

export const BAND_OPACITY = 0.22;
export const LAYER_OPACITY = 0.4;
export const OTHER_OPACITY = 0.4;
export const BEFORE_DASH = [4, 4];
export const BEFORE_WIDTH = 0.75;

/** Areas first, then the lines; the first line is on top. */
export function lineMarks(
  lines: readonly ChartLine[],
  scale: Scale,
  span: Span,
  width: number,
  height: number,
): Mark[] {
  const areas: Mark[] = [];
  const compared: Mark[] = [];
  const drawn: Mark[] = [];
  for (const { colour, points, band, before, isOther } of lines) {
    if (band) {
      const { low, high, opacity } = band;
      areas.push({ d: bandPath(low, high, scale, span, width, height), fill: colour, opacity });
    }
    const path = (of: typeof points) => pathOf(of, scale, span, width, height);
    if (before)
      compared.push({ d: path(before.points), stroke: colour, width: BEFORE_WIDTH, dash: BEFORE_DASH });
    drawn.unshift({ d: path(points), stroke: colour, ...(isOther && { opacity: OTHER_OPACITY }) });
  }
  return [...areas, ...compared, ...drawn];
}
