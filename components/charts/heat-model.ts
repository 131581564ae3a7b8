/** How often what happened, in ordered bands over time: columns of cells, coloured by rate. Pure; times in ms. */
import { bucketStart } from "@/lib/shared/buckets";
import { type Grain, stepFor } from "@/lib/shared/history";
import type { Span } from "@/lib/shared/time-range";
import type { Bar } from "./bar-model";
import { xOf } from "./chart-model";
import type { Mark } from "./marks";

/** About so many columns at most: narrower cells are no cells any more. */
const MOST_COLUMNS = 100;
/** So many shades can be told apart. */
export const LEVELS = 7;

export function heatStep(width: number, cadence: number): number {
  return stepFor(width, MOST_COLUMNS, 2 * cadence);
}

export function heatGrain(width: number, cadence: number): Grain {
  const step = heatStep(width, cadence);
  return { points: Math.ceil((width + step) / step), lead: step };
}

/** Where the columns of a span begin, and the last one ends. */
export function columnEdges({ from, to }: Span, step: number): number[] {
  const first = bucketStart(from, step);
  return Array.from({ length: Math.ceil((to - first) / step) + 1 }, (_, i) => first + i * step);
}

/**
 * From which rate on each shade is used, palest first: round numbers, each about twice the one before, so that what is
 * rare shows beside what is common. The last is the largest that is reached; below the first is the first shade, too.
 */
export function heatBounds(columns: readonly Pick<Bar, "values">[]): number[] {
  const most = columns
    .flatMap(({ values }) => values)
    .reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  if (most === 0) return [roundNumber(0)];
  const near = Math.ceil(Math.log10(most) * 3);
  // The numbers are not quite evenly spaced: the largest that is reached is one of the first few.
  const bounds = Array.from({ length: LEVELS + 3 }, (_, i) => roundNumber(near + 1 - i));
  return bounds
    .filter((bound) => bound <= most)
    .slice(0, LEVELS)
    .reverse();
}

/** The numbers 1, 2, 5, 10, …, in order; the first is 1. */
function roundNumber(place: number): number {
  const lead = [1, 2, 5][((place % 3) + 3) % 3]!;
  return Number(`${lead}e${Math.floor(place / 3)}`);
}

/** The shade of a rate, from 1; 0 where nothing happened. */
export function levelOf(value: number | null, bounds: readonly number[]): number {
  if (value === null || value <= 0) return 0;
  return Math.max(1, bounds.filter((bound) => bound <= value).length);
}

/** A shade's CSS variable. */
export function heatColour(level: number): string {
  return `--heat-${level}`;
}

/** A path for each shade: the first band is the lowest. */
export function heatMarks(
  columns: readonly Bar[],
  bounds: readonly number[],
  span: Span,
  width: number,
  height: number,
): Mark[] {
  const paths = Array.from({ length: LEVELS + 1 }, () => "");
  for (const { from, to, values } of columns) {
    const x = xOf(from, span) * width;
    // Half a px wider, so that no light shows between two columns.
    const cell = `h${(xOf(to, span) * width - x + 0.5).toFixed(1)}`;
    const tall = height / values.length;
    values.forEach((value, band) => {
      const level = levelOf(value, bounds);
      if (level === 0) return;
      const y = height - (band + 1) * tall;
      paths[level] += `M${x.toFixed(1)} ${y.toFixed(1)}${cell}V${(y + tall).toFixed(1)}H${x.toFixed(1)}Z`;
    });
  }
  return paths.map((d, level): Mark => ({ d, fill: heatColour(level) })).filter(({ d }) => d !== "");
}
