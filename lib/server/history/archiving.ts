import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Outage } from "@/lib/shared/history";
import { commitTime, type Update } from "@/lib/shared/state";
import type { Committed } from "../log/log";
import type { ArchivePosition, FoldRequest } from "./archive";

/** A longer time without any sign that somebody recorded is an outage, ms: sources alone say something each second. */
const SILENCE_MS = 20_000;
/** How often the archive is told at least that it has everything, ms. */
const ALIVE_MS = 5000;
/** A time so much later than now was told by a clock that was wrong, ms: nodes differ by less. */
export const MOST_AHEAD_MS = 5 * 60_000;

/** Where the node that archives stands. Times in ms. */
export interface Archiving {
  /** Where the log is read on from. Before the archive's cursor when the log is another one. */
  position: UpdateId;
  archive: ArchivePosition;
  /** Up to when somebody recorded, as far as is known; `undefined` before anything is in the archive. */
  recordedTo: number | undefined;
  /** The log has dropped what comes next. */
  hasLost: boolean;
}

export interface Step {
  next: Archiving;
  /** To be stored before `next` is true; nothing when the archive need not be told. */
  request?: FoldRequest;
  /** The archive has all that the log had. */
  isAtHead: boolean;
}

/**
 * Begins where the archive is, the first time at the log's floor. `witnessed`: up to when this node has seen itself
 * that somebody recorded.
 */
export function beginArchiving(archive: ArchivePosition, floor: UpdateId, witnessed?: number): Archiving {
  const { cursor, until, aliveAt } = archive;
  const signs = [until, aliveAt, witnessed].filter((at) => typeof at === "number");
  const recordedTo = signs.length === 0 ? undefined : Math.max(...signs);
  return { position: cursor === "" ? floor : cursor, archive, recordedTo, hasLost: false };
}

/**
 * The log has no entry at `position`. Either it has dropped what lay there, or it is another log: a backup, or one
 * made anew. Then what it has up to the archive's cursor is in the archive already, as ids are never used again (L2).
 */
export function goOnFromFloor(state: Archiving, floor: UpdateId): Archiving {
  const { cursor } = state.archive;
  const hasLost = cursor !== "" && compareIds(floor, cursor) > 0;
  return { ...state, position: floor, hasLost: state.hasLost || hasLost };
}

/**
 * What follows from a stretch of the log, read from `state.position`. A time between two signs of life, entries or
 * the log's answer that there are no more, is an outage when it is long, or when entries are missing in it (A4).
 */
export function takeStretch(
  state: Archiving,
  read: Committed & { head: UpdateId },
  now: number,
  isArchived: (channel: string) => boolean,
): Step {
  const { archive } = state;
  const fresh = read.updates.filter(({ id }) => archive.cursor === "" || compareIds(id, archive.cursor) > 0);
  const isAtHead = read.to === read.head;
  const outages: Outage[] = [];
  // What a clock said that was far ahead would hide every outage, and every update, for as long.
  const isPossible = (at: number) => at <= now + MOST_AHEAD_MS;
  const timeOf = (update: Update) => (isPossible(commitTime(update)) ? commitTime(update) : now);
  const { until } = archive;
  let { recordedTo, hasLost } = state;
  if (recordedTo !== undefined && !isPossible(recordedTo)) recordedTo = undefined;
  const sign = (at: number) => {
    if (recordedTo !== undefined && at - recordedTo > (hasLost ? 0 : SILENCE_MS))
      outages.push({ from: recordedTo, to: at });
    recordedTo = Math.max(recordedTo ?? at, at);
    hasLost = false;
  };
  for (const update of fresh) sign(timeOf(update));
  if (isAtHead) sign(now);
  const last = fresh.at(-1);
  const reached: ArchivePosition = {
    cursor: last?.id ?? archive.cursor,
    until: last ? Math.max(until !== null && isPossible(until) ? until : 0, timeOf(last)) : until,
    aliveAt: isAtHead ? now : archive.aliveAt,
  };
  const isAliveDue = isAtHead && Math.abs(now - (archive.aliveAt ?? 0)) >= ALIVE_MS;
  const isWorthIt = last !== undefined || outages.length > 0 || isAliveDue;
  const next = { position: read.to, archive: isWorthIt ? reached : archive, recordedTo, hasLost };
  if (!isWorthIt) return { next, isAtHead };
  const updates = fresh.filter(({ ch }) => isArchived(ch));
  const request = { expected: archive.cursor, ...reached, updates, outages, now };
  return { next, request, isAtHead };
}
