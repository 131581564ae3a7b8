import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import type { ChannelState } from "@/lib/shared/state";
import type { Log } from "../log/log";
import { FRAME_BYTES } from "./cohort";
import type { LogView } from "./log-view";

/** What is read: `fresh` channels are owed a snapshot instead of their updates (F2). */
export interface Wanted {
  channels: ReadonlySet<string>;
  fresh: ReadonlySet<string>;
}

/** A frame from a position; `complete` when it reaches the end that was asked for. */
export interface Part {
  frame: Frame;
  bytes: number;
  to: UpdateId;
  complete: boolean;
}

/** Reads the log from a position: from memory where the ring covers it, else from the engine (H1). */
export class Reader {
  /** How often each served; their ratio is the cache hit ratio on the database page. */
  readonly reads = { fromMemory: 0, fromEngine: 0 };

  constructor(
    private readonly view: LogView,
    private readonly log: Log,
  ) {}

  /** `undefined` when the ring does not cover `from`. A part that owes snapshots must end at the head. */
  fromMemory(from: UpdateId, { channels, fresh }: Wanted, end: UpdateId): Part | undefined {
    const place = this.view.ring.locate(from);
    if (typeof place === "string") return undefined;
    this.reads.fromMemory += 1;
    const rest = fresh.size > 0 ? new Set([...channels].filter((channel) => !fresh.has(channel))) : channels;
    const found = this.view.ring.read(place, end, rest, FRAME_BYTES);
    const to = found.complete ? (compareIds(end, from) > 0 ? end : from) : (found.to ?? from);
    const updates = found.entries.map((entry) => entry.update);
    const frame: Frame = { from: this.view.cursor(from), to: this.view.cursor(to), updates };
    let { bytes } = found;
    if (found.complete && fresh.size > 0) {
      frame.snapshot = this.view.snapshot(fresh);
      bytes += snapshotBytes(frame.snapshot);
    }
    return { frame, bytes, to, complete: found.complete };
  }

  /**
   * `undefined` when the position is gone (L5). The engine may be ahead of what this node has taken in:
   * nothing past the head is given out from here. What is wanted is asked once the engine has answered, as
   * a permission may be lost meanwhile (T7).
   */
  async fromEngine(from: UpdateId, wanted: () => Wanted): Promise<Part | undefined> {
    this.reads.fromEngine += 1;
    const read = await this.log.read(from, FRAME_BYTES);
    if (read.status === "gone") return undefined;
    const { channels, fresh } = wanted();
    const { head } = this.view;
    const to = compareIds(read.to, head) < 0 ? read.to : head;
    const updates = read.updates.filter(
      ({ id, ch }) => compareIds(id, to) <= 0 && channels.has(ch) && !fresh.has(ch),
    );
    const frame = { from: this.view.cursor(from), to: this.view.cursor(to), updates };
    return { frame, bytes: JSON.stringify(updates).length, to, complete: false };
  }
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
