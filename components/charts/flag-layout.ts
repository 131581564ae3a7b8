/** Where the flags of a chart's annotations stand, and which of them say their title. Pure. */
import { type Annotation, type AnnotationKind, touches } from "@/lib/shared/annotations";
import type { Span } from "@/lib/shared/time-range";
import { xOf } from "./chart-model";

/** All lengths here are px at the usual size of type; where type is larger, so is a flag. */
/** A flag without its title: as large as what a mouse can aim at. */
export const FLAG_PX = 24;
/** Flags nearer to each other than this are one: as wide as what a mouse and what a finger can aim at. */
export const APART_PX = { fine: 24, coarse: 44 };
const GAP_PX = 6;
/** A title is shown whole up to so much, and not at all when so little of it would be seen, px. */
const MOST_TITLE_PX = 160;
const LEAST_TITLE_PX = 40;
/** About what a character of the small type takes, px. */
const CHARACTER_PX = 6.5;

const URGENCY: readonly AnnotationKind[] = ["note", "deploy", "incident"];

export interface Flag {
  /** Oldest first; several when they would stand on each other. */
  annotations: readonly Annotation[];
  /** Of several the most urgent one. */
  kind: AnnotationKind;
  /** From the plot's left edge, 0 to 1. */
  place: number;
  /** On which side of it there is room for the title, and how much, px. */
  title?: { side: "left" | "right"; width: number };
}

/** Stretches of one kind, put together where they overlap; places from 0 to 1. */
export interface Band {
  kind: AnnotationKind;
  from: number;
  to: number;
}

export interface FlagLayout {
  flags: Flag[];
  bands: Band[];
}

/** For a plot of so many px. `annotations` are sorted by time; those outside the span are left out. */
export function layoutFlags(
  annotations: readonly Annotation[],
  span: Span,
  width: number,
  apart = APART_PX.fine,
): FlagLayout {
  const shown = annotations.filter((annotation) => touches(annotation, span));
  return { flags: place(group(shown, span, width, apart), width), bands: bandsOf(shown, span) };
}

/** From the newest one back, so that what is old does not decide where a new one stands. */
function group(shown: readonly Annotation[], span: Span, width: number, apart: number): Flag[] {
  const flags: Flag[] = [];
  for (const annotation of shown.toReversed()) {
    // One that began before is at the edge.
    const at = Math.max(0, xOf(annotation.at, span));
    const next = flags.at(-1);
    if (next && headOf(next.place, width) - headOf(at, width) < apart) {
      next.annotations = [annotation, ...next.annotations];
      if (URGENCY.indexOf(annotation.kind) > URGENCY.indexOf(next.kind)) next.kind = annotation.kind;
    } else flags.push({ annotations: [annotation], kind: annotation.kind, place: at });
  }
  return flags.reverse();
}

/** Where a flag begins, px: around its place, inside the plot. */
function headOf(share: number, width: number): number {
  return Math.min(width - FLAG_PX, Math.max(0, share * width - FLAG_PX / 2));
}

/** Titles stand to the right of their flags, where there is room; that of the last one else to the left. */
function place(flags: readonly Flag[], width: number): Flag[] {
  let free = width;
  const placed = flags.toReversed().map((flag, i): Flag => {
    const left = headOf(flag.place, width);
    const before = flags[flags.length - 2 - i];
    const [only, second] = flag.annotations;
    const right = free - left - FLAG_PX - GAP_PX;
    free = left - GAP_PX;
    if (!only || second) return flag;
    const wish = Math.min(MOST_TITLE_PX, Math.ceil(only.title.length * CHARACTER_PX));
    const least = Math.min(wish, LEAST_TITLE_PX);
    const rest = free - (before ? headOf(before.place, width) + FLAG_PX : 0);
    if (right >= least)
      return { ...flag, title: { side: "right", width: Math.min(wish, Math.floor(right)) } };
    if (i > 0 || rest < least) return flag;
    const title = { side: "left", width: Math.min(wish, Math.floor(rest)) } as const;
    free -= title.width;
    return { ...flag, title };
  });
  return placed.reverse();
}

function bandsOf(shown: readonly Annotation[], span: Span): Band[] {
  const bands: Band[] = [];
  for (const { at, until, kind } of shown) {
    if (until === undefined) continue;
    const from = Math.max(0, xOf(at, span));
    const to = Math.min(1, xOf(until, span));
    const last = bands.findLast((band) => band.kind === kind);
    if (last && last.to >= from) last.to = Math.max(last.to, to);
    else bands.push({ kind, from, to });
  }
  return bands;
}
