import { idMs, type UpdateId } from "@/lib/shared/cursor";
import type { Cohort } from "./cohort";
import type { Fanout, Receiver } from "./receiver";

/** Where a subscriber stands; each phase has only what it needs. */
export type Phase =
  /** Reading on from `position`; without one it needs a snapshot. */
  | { name: "catching-up"; position: UpdateId | undefined }
  /** Did not keep up (H3): waits until its transport says that there is room. */
  | { name: "passed-over"; position: UpdateId | undefined }
  | { name: "live"; cohort: Cohort }
  | { name: "closed" };

/** One subscription of one connection. */
export interface Subscriber {
  readonly viewer: string;
  /** What was asked for; `channels` is the part of it that the viewer may read now. */
  readonly asked: readonly string[];
  channels: ReadonlySet<string>;
  denied: string[];
  /** Channels that are owed a snapshot although the rest reads on (F2). */
  fresh: Set<string>;
  readonly sub: number | undefined;
  /** Wants one frame a second at most (H7). */
  readonly sparse: boolean;
  readonly receiver: Receiver;
  readonly fanout: Fanout;
  phase: Phase;
  /** The first frame has been sent. */
  started: boolean;
  /** A frame must name the refused channels. */
  tellDenied: boolean;
  pumping: boolean;
  /** The last frame said that there is more, so another one is owed. */
  owesMore?: boolean;
}

/** What two subscribers must share to be sent the same frames. */
export function keyOf({ channels, sub }: { channels: ReadonlySet<string>; sub?: number }): string {
  return `${sub ?? ""} ${[...channels].sort().join(",")}`;
}

/**
 * How far a subscriber is behind `head`, ms by the ids; `null` while it is owed a whole snapshot. Who is live gets
 * everything with the next flush, which is no more than a tenth of a second away, or a second where it is sparse.
 */
export function lagOf({ phase }: Pick<Subscriber, "phase">, head: UpdateId): number | null {
  if (phase.name === "live" || phase.name === "closed") return 0;
  return phase.position === undefined ? null : Math.max(0, idMs(head) - idMs(phase.position));
}
