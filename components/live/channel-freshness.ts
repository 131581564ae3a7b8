import { dataAge, type Freshness, freshness } from "@/lib/shared/freshness";
import type { ChannelState } from "@/lib/shared/state";

export interface ChannelFreshness {
  freshness: Freshness;
  /** ms, as exact as people say it; `null`: no data ever, `undefined`: not known (yet). */
  age: number | null | undefined;
  /** ms; when the newest reading was true. */
  asOf: number | null;
  /** The producer's label. */
  by?: string;
  /** Why the source has no reading. */
  down?: string;
}

/** How fresh a channel's state is at the server's now (ms), against `maxAge` (ms). */
export function assess(
  state: ChannelState | undefined,
  serverNow: number | undefined,
  maxAge: number,
  isConnected: boolean,
): ChannelFreshness {
  const asOf = state?.asOf ?? null;
  // Without a state it is not known whether there ever was data.
  const age = state ? dataAge(asOf, serverNow) : undefined;
  return {
    freshness: freshness(age, maxAge, isConnected),
    age: roundAge(age),
    asOf,
    by: state?.by,
    down: state?.down,
  };
}

/**
 * May the last one stay on the screen? A change of its words shows at once, one of its age only when it `isDue`.
 * While data is live only its age is shown, so a new reading of the same age changes nothing.
 */
export function looksSame(last: ChannelFreshness, next: ChannelFreshness, isDue: boolean): boolean {
  const sameWords = last.freshness === next.freshness && last.by === next.by && last.down === next.down;
  const sameAge = last.age === next.age && (last.freshness === "live" || last.asOf === next.asOf);
  return sameWords && (sameAge || !isDue);
}

/** Down to the unit in which people read it. */
function roundAge<T extends number | null | undefined>(age: T): T | number {
  if (typeof age !== "number") return age;
  const unit = age < 60_000 ? 1000 : age < 3_600_000 ? 60_000 : 3_600_000;
  return Math.floor(age / unit) * unit;
}
