import { idMs, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import type { NewUpdate } from "./log";

/**
 * An update in its place: the same object whether it comes from a commit or from storage. The commit time
 * `at` and the source time `ts` are left out when they equal the id's ms (F1). When the clock stepped back,
 * `at` is there, and then `ts` stays too: without it the update would seem to be from its commit time.
 */
export function placeUpdate(id: UpdateId, at: number, { ts, ...change }: NewUpdate): Update {
  const ms = idMs(id);
  if (at !== ms) return { id, ...change, ...(ts === undefined ? undefined : { ts }), at };
  return { id, ...change, ...(ts === undefined || ts === ms ? undefined : { ts }) };
}
