import { compareIds, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { AppendRequest, Place } from "./log";

/** How long an idempotency key is known, ms by commit time. */
export const KEY_LIFE_MS = 24 * 60 * 60_000;
/** An append on its way to the store. */
export interface CommitRequest {
  /** Its commit time (ms). */
  at: number;
  /** Its updates as JSON text. */
  bodies: string[];
  idempotency?: AppendRequest["idempotency"];
  places?: AppendRequest["places"];
}

/**
 * What became of a request: its place, the place of the one it repeats (for a stream's, the log's newest), its key's
 * other fingerprint, or a stream that was read further meanwhile.
 */
export type Outcome =
  | { kind: "appended" | "replayed"; id: UpdateId }
  | { kind: "conflict" }
  | { kind: "passed" };

/** Whether a stream's messages are new, all stored before, or neither. */
export function judgePlaces(
  places: readonly Place[],
  reached: (of: string) => string | undefined,
): "new" | "repeated" | "passed" {
  const isPast = ({ of }: Place, place: string) => compareIds(reached(of) ?? ZERO_ID, place) > 0;
  const isAt = ({ of }: Place, place: string) => compareIds(reached(of) ?? ZERO_ID, place) >= 0;
  if (places.every((place) => place.after !== undefined && isAt(place, place.to))) return "repeated";
  return places.some((place) => place.after !== undefined && isPast(place, place.after)) ? "passed" : "new";
}
