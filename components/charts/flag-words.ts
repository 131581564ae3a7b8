import type { Annotation } from "@/lib/shared/annotations";
import { formatTime, type Place } from "@/lib/shared/format";
import { KIND_WORDS } from "./flag-marks";

/** When it happened: a moment, or from when to when; ms. */
export function annotationTime({ at, until }: Annotation, place: Place, now: number): string {
  const begin = formatTime(at, place, now);
  return until === undefined ? begin : `${begin} to ${formatTime(until, place, now)}`;
}

/** All of it on one line, with what must not be cut off first. */
export function annotationLine(annotation: Annotation, place: Place, now: number): string {
  const { kind, title, text, by } = annotation;
  const head = `${annotationTime(annotation, place, now)} ${KIND_WORDS[kind]}: ${title}`;
  return [head, by && `by ${by}`, text].filter(Boolean).join(" · ");
}
