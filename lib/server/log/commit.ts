import type { UpdateId } from "@/lib/shared/cursor";
import type { AppendRequest } from "./log";

/** How long an idempotency key is known, ms by commit time. */
export const KEY_LIFE_MS = 24 * 60 * 60_000;
/** An append on its way to the store. */
export interface CommitRequest {
  /** Its commit time (ms). */
  at: number;
  /** Its updates as JSON text. */
  bodies: string[];
  idempotency?: AppendRequest["idempotency"];
}

/** What became of a request: its place, the place of the one it repeats, or its key's other fingerprint. */
export type Outcome = { kind: "appended" | "replayed"; id: UpdateId } | { kind: "conflict" };
