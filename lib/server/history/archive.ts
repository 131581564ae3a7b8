import type { Annotation } from "@/lib/shared/annotations";
import type { UpdateId } from "@/lib/shared/cursor";
import type { History, Outage } from "@/lib/shared/history";
import type { Update } from "@/lib/shared/state";
import type { Span } from "@/lib/shared/time-range";

/** How far the archive has read the log. Times in ms. */
export interface ArchivePosition {
  /** Everything up to this id is in the archive; `""` before the first update. */
  cursor: UpdateId | "";
  /** Commit time of the newest update that is in it. */
  until: number | null;
  /** When a node last found that the archive has all that the log has. */
  aliveAt: number | null;
}

/** What the log had next. All of it is stored in one transaction, or nothing. */
export interface FoldRequest {
  /** Where the archive has to be: when another node went on from there, nothing is stored. */
  expected: ArchivePosition["cursor"];
  cursor: ArchivePosition["cursor"];
  until: number | null;
  aliveAt: number | null;
  /** Those of record channels and of the annotations with `expected < id <= cursor`, in order. */
  updates: readonly Update[];
  outages: readonly Outage[];
  /** Decides which tiers still keep a late reading, ms. */
  now: number;
}

export interface Folded {
  /** False: another node went on, and `open` says up to where. */
  stored: boolean;
  readings: number;
}

/** Which buckets are wanted. `from` and `to` are multiples of `step`, which is one of `width` unless that is 0. */
export interface RangeRequest {
  channel: string;
  metrics: readonly string[];
  from: number;
  to: number;
  step: number;
  /** Of the tier to read, ms; 0 for single readings. */
  width: number;
}

export type RangeAnswer = Pick<History, "metrics" | "outages"> & Pick<ArchivePosition, "until">;

/** One step of retention. */
export interface Pruned {
  rows: number;
  /** The series has more to drop. */
  isMore: boolean;
  /** All series have been looked at since the round began. */
  isRoundOver: boolean;
}

/**
 * The long memory of the record channels and of the annotations (A1–A4, A6). Calls fail with `history_unavailable` when the database is out of
 * reach or too slow. `fold` and `open` are called one at a time; the others at any time.
 */
export interface Archive {
  /** Makes what is missing in the database, and loads what folding goes on from. */
  open(): Promise<ArchivePosition>;
  fold(request: FoldRequest): Promise<Folded>;
  position(): Promise<ArchivePosition>;
  range(request: RangeRequest): Promise<RangeAnswer>;
  /** The annotations that touch a range, newest first, at most so many. */
  annotations(range: Span & { most: number }): Promise<Annotation[]>;
  annotation(key: string): Promise<Annotation | undefined>;
  /** Drops a bounded number of rows that their tier no longer keeps at `now` (ms). */
  prune(now: number): Promise<Pruned>;
  close(): Promise<void>;
}

/** For each record channel its metrics, and whether one is a counter. */
export type ArchivedMetrics = Readonly<Record<string, Readonly<Record<string, boolean>>>>;
