/**
 * Which frames count (F3), pure: one cursor per channel, all of one epoch. Duplicates are harmless, transports
 * may overlap, and a lost frame is always noticed.
 */
import { type Cursor, compareIds, formatCursor, parseCursor, type UpdateId } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { ChannelState, Update } from "@/lib/shared/state";

export interface Reading {
  /** The log that the cursors belong to; absent before the first snapshot. */
  readonly epoch?: string;
  /** Logs that were left, newest last: none of them is returned to (L5). */
  readonly left: readonly string[];
  /** The channels subscribed to, sorted. */
  readonly channels: readonly string[];
  readonly sub: number;
  readonly cursors: Readonly<Record<string, UpdateId>>;
  /** Channels of the subscription that this viewer may not read. */
  readonly denied: readonly string[];
  /** How often the log went back in its own epoch, and when that was last found out (ms, the server's clock). */
  readonly wentBack?: { readonly times: number; readonly at: number };
}

export type Received =
  | {
      outcome: "applied";
      reading: Reading;
      /** Those that are past their channel's cursor, in order. */
      updates: readonly Update[];
      /** Replaces the state of these channels. */
      snapshot: Readonly<Record<string, ChannelState>>;
      /** The frame had no `from`: what lies between the old cursor and `to` is not known. */
      whole: boolean;
      /** The log is another one, or went back: nothing of the old one may stay. */
      newLog: boolean;
    }
  | {
      /**
       * `duplicate`: nothing new. `gap`: read on from the lowest cursor. `foreign`: of another subscription.
       * `left`: from a log that was left. `malformed`: its cursors are none.
       */
      outcome: "duplicate" | "gap" | "foreign" | "left" | "malformed";
    };

/** How many epochs are remembered as left. */
const LEFT_SIZE = 32;
/** A page that was made so much later than all that was seen cannot have been on its way meanwhile, ms. */
const LATER_MS = 1000;

export const NOTHING_READ: Reading = { left: [], channels: [], sub: 0, cursors: {}, denied: [] };

/**
 * The number of a subscription: a hash (FNV-1a) of its channels rather than a counter. Every frame echoes it,
 * and the server encodes a frame once for all clients whose frames are the same; with a counter the viewers of
 * one page would each need their own. Asking for the same set again gives the same number, which is harmless:
 * its frames move the same channels, and `from` and `to` tell which of them count. Not so once the log went
 * back: frames of the lost entries may still come, and must be told from those of the entries in their place.
 */
export function subscriptionNumber(channels: readonly string[], timesBack = 0): number {
  let hash = 0x811c9dc5;
  const text = timesBack > 0 ? `${channels.join(",")};${timesBack}` : channels.join(",");
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/** Another set of channels. The cursors of those that are left out are kept, for when they are back. */
export function resubscribe(reading: Reading, channels: readonly string[]): Reading {
  const sorted = [...new Set(channels)].sort();
  if (sorted.join() === reading.channels.join()) return reading;
  const sub = subscriptionNumber(sorted, reading.wentBack?.times);
  return { ...reading, channels: sorted, sub, denied: [] };
}

/**
 * The subscription to send: from the lowest cursor, with a snapshot of the channels that have none. Denied ones
 * are asked for too: they may have been permitted since.
 */
export function subscription({ epoch, channels, cursors, sub }: Reading): Subscribe {
  const known = channels.filter((channel) => cursors[channel] !== undefined);
  if (epoch === undefined || known.length === 0) return { channels: [...channels], sub };
  const lowest = known.map((channel) => cursors[channel]!).reduce((a, b) => (compareIds(a, b) <= 0 ? a : b));
  const fresh = channels.filter((channel) => cursors[channel] === undefined);
  const cursor = formatCursor(epoch, lowest);
  return { channels: [...channels], cursor, sub, ...(fresh.length > 0 && { fresh }) };
}

/** What a frame means for this reading. `asked`: the cursor of the request that it answers, if it answers one. */
export function receive(reading: Reading, frame: Frame, asked?: Cursor): Received {
  if (frame.sub !== reading.sub) return { outcome: "foreign" };
  const to = parseCursor(frame.to);
  const from = parseCursor(frame.from);
  if (!to || (frame.from !== undefined && from?.epoch !== to.epoch)) return { outcome: "malformed" };
  if (reading.left.includes(to.epoch)) return { outcome: "left" };
  const snapshot = frame.snapshot ?? {};
  if (!from) return receiveWhole(reading, frame, to, snapshot, parseCursor(asked));
  // A new log is adopted through a whole snapshot only; asking from the old cursor brings one.
  if (to.epoch !== reading.epoch) return { outcome: "gap" };
  // The answer itself was lost, and may have been a snapshot.
  if (asked !== undefined && frame.from !== asked) return { outcome: "gap" };

  // A server names the denied channels when they change; a channel that it gives is none of them any more.
  const denied = frame.denied ?? reading.denied.filter((channel) => !Object.hasOwn(snapshot, channel));
  const followed = reading.channels.filter(
    (channel) =>
      reading.cursors[channel] !== undefined &&
      !Object.hasOwn(snapshot, channel) &&
      !denied.includes(channel),
  );
  if (followed.some((channel) => compareIds(from.id, reading.cursors[channel]!) > 0))
    return { outcome: "gap" };
  const cursors = { ...reading.cursors };
  for (const channel of denied) delete cursors[channel];
  const moved = followed.filter((channel) => compareIds(to.id, cursors[channel]!) > 0);
  for (const channel of moved) cursors[channel] = to.id;
  const replaced = replace(reading, cursors, to.id, snapshot);
  const isSameDenied = denied.join() === reading.denied.join();
  if (moved.length === 0 && Object.keys(replaced).length === 0 && isSameDenied)
    return { outcome: "duplicate" };
  const updates = (frame.updates ?? []).filter(
    ({ ch, id }) => moved.includes(ch) && compareIds(id, reading.cursors[ch]!) > 0,
  );
  const next = { ...reading, cursors, denied };
  return { outcome: "applied", reading: next, updates, snapshot: replaced, whole: false, newLog: false };
}

function receiveWhole(
  reading: Reading,
  frame: Frame,
  to: { epoch: string; id: UpdateId },
  snapshot: Record<string, ChannelState>,
  asked?: { epoch: string; id: UpdateId },
): Received {
  const newEpoch = to.epoch !== reading.epoch;
  // A snapshot is true at the head, and no node answers before it has read up to the cursor that it is asked
  // with (L5). So a head before that cursor shows that the log was put back to where it had been earlier (L4).
  // The cursors of now say nothing: another transport may have moved them on since this one asked (R3).
  const isBack = !newEpoch && asked?.epoch === to.epoch && compareIds(to.id, asked.id) < 0;
  const newLog = newEpoch || isBack;
  const start = newEpoch ? enter(reading, to.epoch) : isBack ? goBack(reading, frame) : reading;
  const cursors = { ...start.cursors };
  // What it does not name is not there to be read on.
  for (const channel of reading.channels) if (!Object.hasOwn(snapshot, channel)) delete cursors[channel];
  const replaced = replace(reading, cursors, to.id, snapshot);
  if (!newLog && Object.keys(replaced).length === 0) return { outcome: "duplicate" };
  const next = { ...start, cursors, denied: frame.denied ?? [] };
  return { outcome: "applied", reading: next, updates: [], snapshot: replaced, whole: true, newLog };
}

/** Leaves the old log, if there was one, for another. */
function enter(reading: Reading, epoch: string): Reading {
  const left =
    reading.epoch === undefined ? reading.left : [...reading.left, reading.epoch].slice(-LEFT_SIZE);
  return { ...reading, epoch, left, cursors: {} };
}

/** Drops all that was read: it may hold what the log has lost. */
function goBack(reading: Reading, { now = 0 }: Frame): Reading {
  const times = (reading.wentBack?.times ?? 0) + 1;
  const sub = subscriptionNumber(reading.channels, times);
  return { ...reading, cursors: {}, wentBack: { times, at: now }, sub };
}

/** The states that are newer than what there is (R3); moves `cursors` to them. */
function replace(
  reading: Reading,
  cursors: Record<string, UpdateId>,
  to: UpdateId,
  snapshot: Record<string, ChannelState>,
): Record<string, ChannelState> {
  const replaced: Record<string, ChannelState> = {};
  for (const [channel, state] of Object.entries(snapshot)) {
    const cursor = cursors[channel];
    if (!reading.channels.includes(channel) || (cursor !== undefined && compareIds(to, cursor) <= 0))
      continue;
    cursors[channel] = to;
    replaced[channel] = state;
  }
  return replaced;
}

/**
 * A snapshot that came with a page (R3). It is adopted per channel where it is newer. Of another log it is
 * adopted only when that log was never left and the page was made after everything seen so far. One that holds
 * what the log has lost is not adopted, and nor is one that hides that the log went back: a subscription from
 * its cursor would succeed, while the cursor of an entry that was lost brings the truth.
 */
export function adopt(
  reading: Reading,
  frame: Frame,
  newestServerTime: number,
): { reading: Reading; snapshot: Record<string, ChannelState>; accepted: boolean; newEpoch: boolean } {
  const to = parseCursor(frame.to);
  const ignored = { reading, snapshot: {}, accepted: false, newEpoch: false };
  if (!to || !frame.snapshot || reading.left.includes(to.epoch)) return ignored;
  const newEpoch = reading.epoch !== undefined && to.epoch !== reading.epoch;
  const { now = 0 } = frame;
  if (newEpoch && !(now > newestServerTime)) return ignored;
  const isLost = reading.wentBack !== undefined && now <= reading.wentBack.at;
  const isBefore = Object.values(reading.cursors).some((cursor) => compareIds(to.id, cursor) < 0);
  if (!newEpoch && (isLost || (isBefore && now > newestServerTime + LATER_MS))) return ignored;
  const start = to.epoch === reading.epoch ? reading : enter(reading, to.epoch);
  const cursors = { ...start.cursors };
  const channels = Object.keys(frame.snapshot);
  const snapshot = replace({ ...start, channels }, cursors, to.id, frame.snapshot);
  return { reading: { ...start, cursors }, snapshot, accepted: true, newEpoch };
}
