import type { Rung } from "@/lib/client/ladder-state";
import type { Verdict } from "@/tests/support/verdict";
import type { Event } from "./stage";

/** What a scenario attaches to its test. */
export interface ScenarioFacts {
  fault: string;
  row: string;
  title: string;
  rung: Rung;
  verdict: Verdict;
  timeline: Event[];
}

export interface Result extends ScenarioFacts {
  status: "passed" | "failed" | "skipped";
  durationMs: number;
  errors: string[];
  /** Files beside the report. */
  screenshot?: string;
  trace?: string;
}

/** What `--json FILE` writes, a row a scenario. */
export function jsonRows(results: readonly Result[]) {
  return results.map(({ fault, row, rung, status, verdict }) => ({
    fault,
    row,
    rung,
    status,
    expected: verdict.expected,
    shown: verdict.shown,
    missing: verdict.missing,
    doubled: verdict.doubled,
    disordered: verdict.disordered,
    dishonest: verdict.dishonest.length,
    noticeMs: verdict.noticeMs,
    recoverMs: verdict.recoverMs,
  }));
}
