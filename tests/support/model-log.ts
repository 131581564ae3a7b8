import { judgePlaces } from "@/lib/server/log/commit";
import type { AppendRequest, NewUpdate } from "@/lib/server/log/log";
import { CodedError } from "@/lib/shared/codes";

/** What becomes of an append. `lost` and `kept` have an outcome that is not known: nothing was stored, or all of it. */
export type Fate = "ok" | "log_busy" | "log_unavailable" | "storage_full" | "overloaded" | "lost" | "kept";

/** A log in memory that fails as it is told to, with the real rules for places. */
export class ModelLog {
  readonly updates: NewUpdate[] = [];
  readonly reached = new Map<string, string>();
  /** What becomes of the next appends; afterwards all is well. */
  fates: Fate[] = [];
  /** While set, appends wait for it before they are stored. */
  gate: Promise<void> | undefined;
  appends = 0;
  /** Appends that have not settled. */
  pending = 0;

  append = async (request: AppendRequest): Promise<{ replayed: boolean }> => {
    this.appends += 1;
    this.pending += 1;
    try {
      await this.gate;
      const fate = this.fates.shift() ?? "ok";
      if (fate === "lost") throw new CodedError("unknown_outcome");
      if (fate !== "ok" && fate !== "kept") throw new CodedError(fate);
      const replayed = this.store(request);
      if (fate === "kept") throw new CodedError("unknown_outcome");
      return { replayed };
    } finally {
      this.pending -= 1;
    }
  };

  places = async (of: readonly string[]): Promise<Record<string, string>> =>
    Object.fromEntries(
      of.flatMap((name) => (this.reached.has(name) ? [[name, this.reached.get(name)!]] : [])),
    );

  /** Whether all of it was there before. */
  private store({ updates, places = [] }: AppendRequest): boolean {
    if (places.length > 0) {
      const verdict = judgePlaces(places, (of) => this.reached.get(of));
      if (verdict === "repeated") return true;
      if (verdict === "passed") throw new CodedError("place_passed");
    }
    this.updates.push(...updates);
    for (const { of, to } of places) this.reached.set(of, to);
    return false;
  }
}
