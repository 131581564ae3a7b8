import type { GapReason } from "./gap-ledger";
import type { Ladder } from "./ladder-state";

/**
 * Why a connection that delivers is not up to the head. `way-back`: what was missed while nothing was open, or
 * since the last poll, is coming. `lost-frame`, `slow`: as in the ledger.
 */
export type Behind = "way-back" | "lost-frame" | "slow";

/** Why the page is not live. `undefined` when that is no interruption, as when nobody watches. */
export function ladderWhy(
  ladder: Ladder,
  { delayedSince, behind }: { delayedSince?: number; behind?: Behind },
): GapReason | undefined {
  switch (ladder.name) {
    case "stopped":
      return undefined;
    case "parked":
      return ladder.reasons.find((reason) => reason !== "unwatched");
    case "waiting":
    case "connecting":
      return ladder.cause.reason;
    case "racing":
      return ladder.cause?.reason ?? "slept";
    case "live":
      if (ladder.quiet) return "silence";
      if (delayedSince !== undefined) return "log-delayed";
      return behind === "way-back" ? undefined : behind;
  }
}
