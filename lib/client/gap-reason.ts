import type { GapReason } from "./gap-ledger";
import type { Ladder } from "./ladder-state";

/** Why the page is not live. `undefined` when nobody watches: that is no interruption. */
export function ladderWhy(ladder: Ladder, delayedSince: number | undefined): GapReason | undefined {
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
      return delayedSince === undefined ? "lost-frame" : "log-delayed";
  }
}
