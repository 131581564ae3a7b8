/** The gap ledger (C8): every interruption, pure and bounded. The indicator's panel lists it; QA reads it. */
import type { Failure, ParkReason, Rung } from "./ladder-state";

export type GapReason =
  | ParkReason
  | Failure["reason"]
  /** Time passed unnoticed, as in sleep. */
  | "slept"
  /** A frame did not arrive. */
  | "lost-frame"
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

/** Notes what a frame brought while an interruption lasted. */
export function fillGap(ledger: readonly Gap[], missed: number, whole: boolean): readonly Gap[] {
  const gap = openGap(ledger);
  if (!gap || (missed === 0 && !whole)) return ledger;
  return replaceLast(ledger, {
    ...gap,
    missed: gap.missed + missed,
    ...(whole && { healed: "snapshot" as const }),
  });
}

export function endGap(ledger: readonly Gap[], to: number): readonly Gap[] {
  const gap = openGap(ledger);
  return gap ? replaceLast(ledger, { ...gap, to, healed: gap.healed ?? "replay" }) : ledger;
}

/** A long way back comes in parts: what follows the first of them still belongs to the last gap. */
export function addToLastGap(ledger: readonly Gap[], missed: number): readonly Gap[] {
  const gap = ledger.at(-1);
  return gap && missed > 0 ? replaceLast(ledger, { ...gap, missed: gap.missed + missed }) : ledger;
}
