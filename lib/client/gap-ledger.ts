/** The gap ledger (C8): every interruption, pure and bounded. The indicator's panel lists it; QA reads it. */
import type { Failure, ParkReason, Rung } from "./ladder-state";

export type GapReason =
  | ParkReason
  | Failure["reason"]
  /** Time passed unnoticed, as in sleep. */
  | "slept"
  /** A frame did not arrive. */
  | "lost-frame"
  /** What came was more than the connection could take. */
  | "slow"
  /** The server could not confirm the head of the log. */
  | "log-delayed"
  /** The log was lost or replaced. */
  | "new-log";

export interface Gap {
  /** The last sign of life before it, ms on the server's clock where it is known. */
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
  readonly why: GapReason;
  /** The rung that was lost. */
  readonly transport?: Rung;
  /** Updates that were caught up. */
  readonly missed: number;
  /** `replay`: every update was read. `snapshot`: what lay between is not known. */
  readonly healed?: "replay" | "snapshot";
}

export const LEDGER_SIZE = 50;
/** An update committed so long before a gap was healed belongs to what was missed in it, ms. */
const MISSED_MS = 1000;

function replaceLast(ledger: readonly Gap[], gap: Gap): readonly Gap[] {
  return [...ledger.slice(0, -1), gap];
}

export function openGap(ledger: readonly Gap[]): Gap | undefined {
  const last = ledger.at(-1);
  return last && last.to === undefined ? last : undefined;
}

/** Notes that an interruption began; one that lasts already goes on. */
export function beginGap(
  ledger: readonly Gap[],
  gap: Pick<Gap, "from" | "why" | "transport">,
): readonly Gap[] {
  return openGap(ledger) ? ledger : [...ledger.slice(1 - LEDGER_SIZE), { ...gap, missed: 0 }];
}

export function endGap(ledger: readonly Gap[], to: number): readonly Gap[] {
  const gap = openGap(ledger);
  return gap ? replaceLast(ledger, { ...gap, to, healed: gap.healed ?? "replay" }) : ledger;
}

interface FrameNote {
  /** When each update that it brought was committed, ms. */
  committed: readonly number[];
  /** It was a snapshot of everything. */
  whole: boolean;
  /** It came from another log than all before. */
  replacesLog: boolean;
  /** ms, on the server's clock where it is known. */
  now: number;
  transport?: Rung;
}

/** Notes what a frame brought: what was missed in a gap, or that the log was replaced. */
export function noteFrame(ledger: readonly Gap[], frame: FrameNote): readonly Gap[] {
  const { committed, whole, replacesLog, now, transport } = frame;
  const last = ledger.at(-1);
  const found: Gap = { from: now, to: now, why: "new-log", transport, missed: 0, healed: "snapshot" };
  if (last && last.to === undefined) {
    if (committed.length === 0 && !whole) return ledger;
    const missed = last.missed + committed.length;
    const healing = { ...last, missed, ...(whole && { healed: "snapshot" as const }) };
    // The one that lasts stays the last.
    const before = [...ledger.slice(0, -1), ...(replacesLog ? [found] : [])];
    return [...before.slice(1 - LEDGER_SIZE), healing];
  }
  if (replacesLog) return [...ledger.slice(1 - LEDGER_SIZE), found];
  // A long way back comes in parts: what follows the first of them still belongs to the last gap.
  const late = last ? committed.filter((at) => at < last.to! - MISSED_MS).length : 0;
  return last && late > 0 ? replaceLast(ledger, { ...last, missed: last.missed + late }) : ledger;
}
