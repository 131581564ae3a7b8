/** What a chart shows at one moment, for its table and its files. Types only: whoever makes them loads late. */
import type { Bucket } from "@/lib/shared/buckets";
import type { Place, ValueFormat } from "@/lib/shared/format";
import type { Span } from "@/lib/shared/time-range";
import type { Gap } from "./gaps";
import type { Mark } from "./marks";
import type { ShownThreshold } from "./thresholds";
import type { TimeTick } from "./time-axis";

/** A value with how it is read. */
export interface SheetColumn {
  title: string;
  format: ValueFormat;
}

/** One line of buckets, with the columns that it has in a table. */
export interface SnapshotLine extends SheetColumn {
  buckets: readonly Bucket[];
  /** A counter's last values, or averages with lowest and highest. */
  isCounter: boolean;
  before?: readonly Bucket[];
  /** What that is called, where it is not of this line. */
  beforeTitle?: string;
}

/** Values by time, as bars and bands have them. */
export interface SnapshotSlot {
  from: number;
  to: number;
  values: readonly (number | null)[];
  /** It goes on: its values are not final. */
  isOpen: boolean;
}

/** What is behind the picture, in the form that it has at hand. Times in ms. */
export type SnapshotData =
  | { kind: "lines"; step: number; lines: readonly SnapshotLine[] }
  | { kind: "slots"; columns: readonly SheetColumn[]; slots: readonly SnapshotSlot[] }
  | {
      kind: "rows";
      head: string;
      columns: readonly SheetColumn[];
      rows: readonly { name: string; values: readonly (number | null)[] }[];
    };

export interface ChartSnapshot {
  /** For file names. */
  name: string;
  title: string;
  /** What it shows of the past, in words. */
  rangeText: string;
  /** When it was true, ms. */
  now: number;
  place: Place;
  /** Of charts over time. */
  span?: Span;
  gaps: readonly Gap[];
  data: SnapshotData;
  // ── The picture ──
  marks: (width: number, height: number) => readonly Mark[];
  /** Of the value axis, from the top, 0 to 1. */
  values: readonly { place: number; label: string }[];
  /** Lines across the plot, from the top, 0 to 1. */
  grid: readonly number[];
  times: readonly TimeTick[];
  thresholds: readonly (ShownThreshold & { place: number })[];
  /** At the right of the plot, from the top, 0 to 1; those without a place are listed. */
  labels: readonly { name: string; text: string; colour?: string; place: number | null }[];
}
