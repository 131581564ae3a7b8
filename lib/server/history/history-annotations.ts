import type { Annotation } from "@/lib/shared/annotations";
import type { Span } from "@/lib/shared/time-range";
import type { Archive } from "./archive";
import { within } from "./history-reader";

/** The annotations that are in the archive. Throws `history_unavailable` when it is out of reach or too slow. */
export interface ArchivedAnnotations {
  /** Those that touch a range (ms), newest first, at most so many. */
  within(range: Span & { most: number }): Promise<Annotation[]>;
  one(key: string): Promise<Annotation | undefined>;
}

export function archivedAnnotations(
  archive: Pick<Archive, "annotations" | "annotation">,
): ArchivedAnnotations {
  return {
    within: (range) => within(archive.annotations(range)),
    one: (key) => within(archive.annotation(key)),
  };
}
