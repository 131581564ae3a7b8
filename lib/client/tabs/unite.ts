/** Several tabs' subscriptions as one, pure (C5, F3). */
import { compareIds, formatCursor, parseCursor, type UpdateId } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import { subscriptionNumber } from "../frame-reducer";
import type { TabId, Target } from "./tab-messages";

/** One tab's opening of a rung: where it has read up to. */
export interface Member {
  n: number;
  subscribe: Subscribe;
  pollMs: number;
}

export interface United {
  subscribe: Subscribe & { sub: number };
  /** Tabs that have nothing in the log that the others read: they begin with a snapshot. */
  whole: ReadonlySet<TabId>;
}

/** The most channels of one subscription (H4). Repeated from protocol.ts, which brings zod. */
export const MAX_CHANNELS = 64;

/** So many numbers are used in turn for one set of channels, so that viewers of one page still share their frames. */
const GENERATIONS = 8;

/**
 * One subscription to all channels from the lowest cursor. `generation` tells it from the one before it when that was
 * to the same channels: frames that answer the older one do not follow on what a tab that just joined has.
 */
export function unite(members: ReadonlyMap<TabId, Member>, generation: number): United {
  const all = [...members];
  const channels = [...new Set(all.flatMap(([, { subscribe }]) => subscribe.channels))].sort();
  const sub = subscriptionNumber(channels, generation % GENERATIONS);
  const epoch = mostCommon(all.map(([, { subscribe }]) => parseCursor(subscribe.cursor)?.epoch));
  const lowest: UpdateId[] = [];
  const whole = new Set<TabId>();
  const fresh = new Set<string>();
  for (const [tab, { subscribe }] of all) {
    const cursor = parseCursor(subscribe.cursor);
    if (cursor && cursor.epoch === epoch) lowest.push(cursor.id);
    else whole.add(tab);
    const missing = whole.has(tab) ? subscribe.channels : (subscribe.fresh ?? []);
    for (const channel of missing) fresh.add(channel);
  }
  // A tab that wants its frames at once has them; what comes is then for all.
  const common = { channels, sub, sparse: all.every(([, { subscribe }]) => subscribe.sparse) || undefined };
  if (epoch === undefined) return { subscribe: common, whole };
  const cursor = formatCursor(
    epoch,
    lowest.reduce((a, b) => (compareIds(a, b) <= 0 ? a : b)),
  );
  return {
    subscribe: { ...common, cursor, ...(fresh.size > 0 && { fresh: [...fresh].sort() }) },
    whole,
  };
}

/** To whom a frame of the united subscription goes: those who began with nothing wait for their snapshot. */
export function targetsOf(
  frame: Frame,
  members: ReadonlyMap<TabId, Member>,
  whole: ReadonlySet<TabId>,
): Record<TabId, Target> {
  const targets: Record<TabId, Target> = {};
  for (const [tab, { subscribe }] of members) {
    const sub = subscribe.sub ?? 0;
    if (!whole.has(tab)) targets[tab] = { sub };
    else if (isWholeFor(frame, subscribe.channels)) targets[tab] = { sub, whole: true };
  }
  return targets;
}

function isWholeFor({ from, snapshot = {}, denied = [] }: Frame, channels: readonly string[]): boolean {
  if (from === undefined) return true;
  return channels.every((channel) => Object.hasOwn(snapshot, channel) || denied.includes(channel));
}

/** A frame of the united subscription as one tab takes it. */
export function frameFor(frame: Frame, { sub, whole }: Target, channels: readonly string[]): Frame {
  const denied = frame.denied?.filter((channel) => channels.includes(channel));
  const own: Frame = { ...frame, sub, ...(denied && { denied }) };
  if (!whole) return own;
  const { from: _from, updates: _updates, more: _more, ...rest } = own;
  return rest;
}

function mostCommon(epochs: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const epoch of epochs) if (epoch !== undefined) counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
