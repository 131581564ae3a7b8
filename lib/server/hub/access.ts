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
