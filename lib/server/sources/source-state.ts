import type { NewUpdate } from "@/lib/server/log/log";
import type { Channel, Row } from "@/lib/shared/define-channel";
import { type CleanReading, changeBetween, downChange } from "./reading";

/** The longest wait between two attempts of a failing source, and between two reports of its failure, ms. */
export const MAX_RETRY_MS = 30_000;

/** The longest pause that a source's server is granted when it asks for one, ms. */
const MAX_ASKED_MS = 5 * 60_000;

/** What the aggregator knows of one source. */
export interface SourceState {
  /** What was last published; `undefined` when the next reading is to be sent whole. */
  base?: CleanReading;
  /** Failed reads in a row. */
  failures: number;
  /** The failure that viewers were told of, and when (ms). */
  told?: { reason: string; at: number };
  /** A feed's items whose publishing failed, at most as many as the feed keeps. */
  unsent: Row[];
}

/** How a read ended. A server may have asked not to be asked again for so long, ms. */
export type Outcome = { reading: CleanReading } | { failed: string; askedMs?: number };

/** What to publish, if anything, and the state that follows from the publishing's own outcome. */
export interface Settled {
  update?: NewUpdate;
  published: SourceState;
  /** Nothing was stored. */
  unpublished: SourceState;
  /** It may have been stored. */
  unknown: SourceState;
}

export const INITIAL: SourceState = { failures: 0, unsent: [] };

/** What is left of a state when what was published is gone, or may have been written over: what was never published. */
export function anew({ failures, unsent }: SourceState): SourceState {
  return { failures, unsent };
}

/** The first multiple of `cadence` after `now` (ms): sources of related cadences meet there (H2). */
export function tickAfter(now: number, cadence: number): number {
  return (Math.floor(now / cadence) + 1) * cadence;
}

/**
 * When a source is read next (ms). A failing one backs off exponentially with jitter, from its cadence to
 * half a minute, and still waits for a tick, so that its recovery shares a frame. A server that asks for a longer
 * pause (`askedMs`) has it, up to five minutes. `random` is in [0, 1).
 */
export function nextRead(
  now: number,
  cadence: number,
  failures: number,
  random: number,
  askedMs = 0,
): number {
  if (failures === 0) return tickAfter(now, cadence);
  const ceiling = Math.min(MAX_RETRY_MS, cadence * 2 ** (failures - 1));
  const pause = Math.max((ceiling / 2) * (1 + random), Math.min(askedMs, MAX_ASKED_MS));
  return tickAfter(now + pause, cadence);
}

/** Decides what follows from a read. `known`: the keys that a table has in the log. Pure. */
export function settle(
  channel: Channel,
  state: SourceState,
  outcome: Outcome,
  now: number,
  known: Iterable<string>,
): Settled {
  return "failed" in outcome
    ? settleFailure(channel, state, outcome.failed, now)
    : settleReading(channel, state, outcome.reading, known);
}

function settleReading(
  channel: Channel,
  state: SourceState,
  reading: CleanReading,
  known: Iterable<string>,
): Settled {
  const items = reading.kind === "feed" ? [...state.unsent, ...reading.items] : [];
  const whole = reading.kind === "feed" ? { ...reading, items } : reading;
  return {
    update: { ch: channel.name, ...changeBetween(state.base, whole, known) },
    published: { ...INITIAL, base: whole },
    unpublished: {
      ...INITIAL,
      told: state.told,
      unsent: channel.kind === "feed" ? items.slice(-channel.keep) : [],
    },
    // Items that may have been stored are not sent again: a doubled one would be worse. The failure that
    // viewers were told of may be gone from their screens.
    unknown: INITIAL,
  };
}

function settleFailure(channel: Channel, state: SourceState, reason: string, now: number): Settled {
  const failing: SourceState = { ...state, base: undefined, failures: state.failures + 1 };
  const { told } = failing;
  if (told?.reason === reason && now >= told.at && now - told.at < MAX_RETRY_MS)
    return { published: failing, unpublished: failing, unknown: failing };
  return {
    update: { ch: channel.name, ...downChange(channel, reason) },
    published: { ...failing, told: { reason, at: now } },
    unpublished: failing,
    unknown: failing,
  };
}
