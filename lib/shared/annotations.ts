/** Annotations (A6): what happened when, drawn on every chart. They are items of one feed; the archive keeps them. */
import { type FeedItem, itemsOf, type Update } from "./state";
import type { Span } from "./time-range";

/** The channel's name, wherever only that is needed. */
export const ANNOTATIONS = "annotations";

export const ANNOTATION_KINDS = ["deploy", "note", "incident"] as const;
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number];

/** The most that one range is answered with: the newest ones. */
export const MAX_ANNOTATIONS = 500;

export interface Annotation {
  /** That of the feed's item. */
  key: string;
  /** ms: the moment, or where the stretch begins. */
  at: number;
  /** ms: the end of a stretch of time. */
  until?: number;
  kind: AnnotationKind;
  title: string;
  text?: string;
  /** Who says so. */
  by?: string;
  /** It was added on a page, so it can be removed there. */
  byHand?: true;
}

/** What `GET /api/annotations` answers: those that touch the range, oldest first. */
export interface AnnotationList extends Span {
  annotations: Annotation[];
  /** There are older ones than these. */
  more?: true;
}

/** What a page begins with, oldest first. */
export interface PageAnnotations {
  annotations: readonly Annotation[];
  /** The archive has no more of its range. */
  isWhole: boolean;
}

/** The annotation that an item of the feed is. One that takes another one back is none. */
export function annotationOf({ key, ts, item }: FeedItem): Annotation | undefined {
  const { title, until } = item;
  const kind = ANNOTATION_KINDS.find((known) => known === item.kind);
  if (!kind || typeof title !== "string" || title === "") return undefined;
  return {
    ...{ key, at: ts, kind, title },
    ...(typeof until === "number" && until > ts && { until }),
    ...(typeof item.text === "string" && item.text !== "" && { text: item.text }),
    ...(typeof item.by === "string" && item.by !== "" && { by: item.by }),
    ...(item.byHand === true && { byHand: true as const }),
  };
}

/** The key of the annotation that an item takes back: a feed has no way to delete, so that is an item too. */
function removedBy({ item }: FeedItem): string | undefined {
  return typeof item.removes === "string" ? item.removes : undefined;
}

/** What items of the feed, oldest first, do to the annotations before them. */
export interface AnnotationChange {
  added: Map<string, Annotation>;
  removed: Set<string>;
}

export function annotationChange(items: readonly FeedItem[]): AnnotationChange {
  const added = new Map<string, Annotation>();
  const removed = new Set<string>();
  for (const item of items) {
    const annotation = annotationOf(item);
    if (annotation) added.set(annotation.key, annotation);
    const key = removedBy(item);
    if (key === undefined) continue;
    added.delete(key);
    removed.add(key);
  }
  return { added, removed };
}

/** The same for updates of the log, in order; those of other channels change nothing. */
export function annotationChangeOf(updates: readonly Update[]): AnnotationChange {
  return annotationChange(updates.filter(({ ch }) => ch === ANNOTATIONS).flatMap(itemsOf));
}

/** Known ones and those that the feed holds, each once, oldest first. Of two the feed's counts. */
export function mergeAnnotations(
  known: readonly Annotation[],
  { added, removed }: AnnotationChange,
): Annotation[] {
  const merged = new Map(known.map((annotation) => [annotation.key, annotation]));
  for (const [key, annotation] of added) merged.set(key, annotation);
  for (const key of removed) merged.delete(key);
  return [...merged.values()].sort((a, b) => a.at - b.at);
}

/** Does a moment lie in the range, or a stretch touch it? */
export function touches({ at, until = at }: Annotation, { from, to }: Span): boolean {
  return at < to && until >= from;
}
