import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import type { ChannelState } from "@/lib/shared/state";
import type { Log, ReadResult } from "../log/log";
import { FRAME_BYTES } from "./cohort";
import type { LogView } from "./log-view";
import { keyOf } from "./subscriber";

/** What is read: `fresh` channels are owed a snapshot instead of their updates (F2). */
export interface Wanted {
  channels: ReadonlySet<string>;
  fresh: ReadonlySet<string>;
  sub?: number;
}

/** A frame from a position; `complete` when it reaches the end that was asked for. */
export interface Part {
  frame: Frame;
  bytes: number;
  to: UpdateId;
  complete: boolean;
}

/** How many full parts are kept: viewers who were away together ask for the same ones. */
const KEPT_PARTS = 32;

/** Reads the log from a position: from memory where the ring covers it, else from the engine (H1). */
export class Reader {
  /** How often each served; their ratio is the cache hit ratio on the database page. */
  readonly reads = { fromMemory: 0, fromEngine: 0 };

  private readonly kept = new Map<string, Part>();
  private readonly reading = new Map<UpdateId, Promise<ReadResult>>();

  constructor(
    private readonly view: LogView,
    private readonly log: Log,
  ) {}

  /** `undefined` when the ring does not cover `from`. A part that owes snapshots must end at the head. */
  fromMemory(from: UpdateId, wanted: Wanted, end: UpdateId): Part | undefined {
    const { channels, fresh, sub } = wanted;
    const place = this.view.ring.locate(from);
    if (typeof place === "string") return undefined;
    this.reads.fromMemory += 1;
    const kept = this.kept.get(keyFrom(from, wanted));
    if (kept && compareIds(kept.to, end) <= 0) return kept;
    const rest = fresh.size > 0 ? new Set([...channels].filter((channel) => !fresh.has(channel))) : channels;
    const found = this.view.ring.read(place, end, rest, FRAME_BYTES);
    const to = found.complete ? (compareIds(end, from) > 0 ? end : from) : (found.to ?? from);
    const updates = found.entries.map((entry) => entry.update);
    const frame: Frame = {
      from: this.view.cursor(from),
      to: this.view.cursor(to),
      updates,
      ...(!found.complete && { more: true as const }),
      ...(sub !== undefined && { sub }),
    };
    let { bytes } = found;
    if (found.complete && fresh.size > 0) {
      frame.snapshot = this.view.snapshot(fresh);
      bytes += snapshotBytes(frame.snapshot);
    }
    const part = { frame, bytes, to, complete: found.complete };
    if (!found.complete) this.keep(keyFrom(from, wanted), part);
    return part;
  }

  /**
   * `undefined` when the position is gone (L5). The engine may be ahead of what this node has taken in:
   * nothing past the head is given out from here. What is wanted is asked once the engine has answered, as
   * a permission may be lost meanwhile (T7).
   */
  async fromEngine(from: UpdateId, wanted: () => Wanted): Promise<Part | undefined> {
    this.reads.fromEngine += 1;
    const early = this.kept.get(keyFrom(from, wanted()));
    if (early) return early;
    const { epoch } = this.view;
    const read = await this.readOnce(from);
    // Of a log that was replaced meanwhile nothing counts.
    if (read.status === "gone" || epoch !== this.view.epoch) return undefined;
    const { channels, fresh, sub } = wanted();
    const { head } = this.view;
    const to = compareIds(read.to, head) < 0 ? read.to : head;
    const updates = read.updates.filter(
      ({ id, ch }) => compareIds(id, to) <= 0 && channels.has(ch) && !fresh.has(ch),
    );
    const isLast = fresh.size === 0 && to === read.head && to === this.view.head;
    const frame: Frame = {
      from: this.view.cursor(from),
      to: this.view.cursor(to),
      updates,
      ...(!isLast && { more: true as const }),
      ...(sub !== undefined && { sub }),
    };
    const part = { frame, bytes: JSON.stringify(updates).length, to, complete: false };
    const kept = this.kept.get(keyFrom(from, wanted()));
    if (kept) return kept;
    if (to === read.to && to !== read.head) this.keep(keyFrom(from, wanted()), part);
    return part;
  }

  /** Drops what was read of a log that is another one now. */
  forget(): void {
    this.kept.clear();
    this.reading.clear();
  }

  /** Who asks for the same position at the same time shares one read. */
  private readOnce(from: UpdateId): Promise<ReadResult> {
    const reading = this.reading.get(from) ?? this.log.read(from, FRAME_BYTES);
    this.reading.set(from, reading);
    const forget = () => {
      if (this.reading.get(from) === reading) this.reading.delete(from);
    };
    reading.then(forget, forget);
    return reading;
  }

  /** A full part never changes, as its updates do not. */
  private keep(key: string, part: Part): void {
    this.kept.set(key, part);
    if (this.kept.size > KEPT_PARTS) this.kept.delete(this.kept.keys().next().value!);
  }
}

/** Parts that owe snapshots are nobody else's. */
function keyFrom(from: UpdateId, wanted: Wanted): string {
  return `${from} ${keyOf(wanted)} ${[...wanted.fresh].join()}`;
}

const sizes = new WeakMap<ChannelState, number>();

/** The length of a snapshot as JSON text, roughly. States are immutable, so each is measured once. */
export function snapshotBytes(snapshot: Record<string, ChannelState>): number {
  let total = 0;
  for (const state of Object.values(snapshot)) {
    const bytes = sizes.get(state) ?? JSON.stringify(state).length;
    sizes.set(state, bytes);
    total += bytes;
  }
  return total;
}
