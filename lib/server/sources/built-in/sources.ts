import { sources } from "@/lib/channels/sources";
import { defineSource } from "../define-source";
import type { SourceHealth } from "../health";

const STATES: Record<SourceHealth["state"], string> = {
  off: "Off",
  starting: "Starting",
  works: "Works",
  fails: "Fails",
};

/** The health of all sources, this one included. */
export function sourcesSource(health: () => SourceHealth[]) {
  return defineSource({
    channel: sources,
    read: async () =>
      health().map(({ state, lagMs, lastRejection, ...rest }) => ({
        ...rest,
        state: STATES[state],
        lag: lagMs,
        rejection: lastRejection,
      })),
  });
}
