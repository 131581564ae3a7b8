import type { TableState } from "@/lib/shared/state";

/**
 * The system channel that says who may not read what (T7). Being part of the log, a change of permission has
 * its place among the updates: nothing with a later id reaches a viewer who lost a channel. No transport
 * serves it, and ingest does not accept it.
 */
export const ACCESS_CHANNEL = "$access";

/** Rows by viewer; `denied` names channels, separated by commas. */
export function mayRead(access: TableState, viewer: string, channel: string): boolean {
  const denied = access.rows[viewer]?.denied;
  return typeof denied !== "string" || !denied.split(",").includes(channel);
}

/** What of `asked` a viewer may read now, what not, and which of `fresh` may be sent as a snapshot. */
export function permitted(
  access: TableState,
  viewer: string,
  asked: readonly string[],
  fresh: readonly string[] = [],
) {
  const channels = new Set(asked.filter((channel) => mayRead(access, viewer, channel)));
  return {
    channels,
    denied: asked.filter((channel) => !channels.has(channel)),
    fresh: new Set(fresh.filter((channel) => channels.has(channel))),
  };
}
