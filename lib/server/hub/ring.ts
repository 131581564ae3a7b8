import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";

export interface Entry {
  update: Update;
  /** Length of the update as JSON text. */
  bytes: number;
}

interface RingLimits {
  entries: number;
  bytes: number;
}

/**
 * The newest part of the log in memory: everything with `floor < id <= head`, without a hole, so that
 * recoveries rarely touch the engine. Bounded in entries and bytes.
 */
export class Ring {
  private entries: Entry[] = [];
  /** Entries before this place are dropped; the array is cut now and then, so that a push stays cheap. */
  private start = 0;
  private bytes = 0;

  constructor(
    private floorId: UpdateId,
    private readonly limits: RingLimits = { entries: 50_000, bytes: 8 * 1024 * 1024 },
  ) {}

  get floor(): UpdateId {
    return this.floorId;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    this.bytes += entry.bytes;
    while (this.entries.length - this.start > this.limits.entries || this.bytes > this.limits.bytes) {
      const dropped = this.entries[this.start]!;
      this.entries[this.start] = undefined as never;
      this.start += 1;
      this.bytes -= dropped.bytes;
      this.floorId = dropped.update.id;
    }
    if (this.start > 1024 && this.start * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.start);
      this.start = 0;
    }
  }

  /**
   * Where reading on from `id` starts. `older`: ask the engine. `unknown`: not an entry of this log although
   * the ring covers its place, so the log that `id` came from is not this one (L5).
   */
  locate(id: UpdateId): number | "older" | "unknown" {
    const order = compareIds(id, this.floorId);
    if (order < 0) return "older";
    if (order === 0) return this.start;
    let low = this.start;
    let high = this.entries.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const compared = compareIds(this.entries[middle]!.update.id, id);
      if (compared === 0) return middle + 1;
      if (compared < 0) low = middle + 1;
      else high = middle - 1;
    }
    return "unknown";
  }

  /**
   * Entries of `channels` from place `from` up to and including `end`, at most about `maxBytes` of them.
   * `to` is the last id looked at: everything of these channels up to there is in `entries`.
   */
  read(from: number, end: UpdateId, channels: ReadonlySet<string>, maxBytes: number) {
    const found: Entry[] = [];
    let bytes = 0;
    let to: UpdateId | undefined;
    for (let place = from; place < this.entries.length; place++) {
      const entry = this.entries[place]!;
      if (compareIds(entry.update.id, end) > 0) break;
      if (channels.has(entry.update.ch)) {
        if (bytes > 0 && bytes + entry.bytes > maxBytes)
          return { entries: found, bytes, to, complete: false };
        found.push(entry);
        bytes += entry.bytes;
      }
      to = entry.update.id;
    }
    return { entries: found, bytes, to, complete: true };
  }
}
