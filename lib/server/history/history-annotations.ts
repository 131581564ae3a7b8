import type { Annotation } from "@/lib/shared/annotations";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Span } from "@/lib/shared/time-range";
import type { Archive } from "./archive";
import type { Archivist } from "./archivist";
import { CATCH_UP_MS, within } from "./history-reader";

/** The annotations that are in the archive. Throws `history_unavailable` when it is out of reach or too slow. */
export interface ArchivedAnnotations {
  /** Those that touch a range (ms), newest first, at most so many. */
  within(range: Span & { most: number }): Promise<Annotation[]>;
  one(key: string): Promise<Annotation | undefined>;
  /** Waits a moment for the archive to have all of the log up to an id, where this node archives. */
  reach(id: UpdateId): Promise<void>;
}

export function archivedAnnotations(
  archive: Pick<Archive, "annotations" | "annotation" | "position">,
  archivist: Pick<Archivist, "catchUp">,
): ArchivedAnnotations {
  return {
    within: (range) => within(archive.annotations(range)),
    one: (key) => within(archive.annotation(key)),
    async reach(id) {
      const { cursor } = await within(archive.position());
      if (cursor === "" || compareIds(cursor, id) < 0) await archivist.catchUp(CATCH_UP_MS);
    },
  };
}
