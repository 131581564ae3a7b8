import { type Cursor, compareIds, parseCursor, type UpdateId } from "@/lib/shared/cursor";
import { type Frame, frameSchema, type Subscribe } from "@/lib/shared/protocol";
import { apply, type ChannelState, type Update } from "@/lib/shared/state";

/**
 * What a client may make of frames (F1–F3), written anew and strict: anything that a right server never sends
 * throws. One cursor per channel; duplicates are passed over; a gap is a fault here, as nothing gets lost
 * between these transports and this viewer.
 */
export class Viewer {
  readonly states: Record<string, ChannelState> = {};
  /** Of the present log: the updates that were applied, in order, and the snapshots that replaced a state. */
  readonly applied: Update[] = [];
  readonly snapshots: { channel: string; at: UpdateId }[] = [];
  denied: readonly string[] = [];
  /** The logs that it has read, in order; the last one is the present. */
  readonly epochs: string[] = [];
  private readonly cursors: Record<string, UpdateId> = {};

  constructor(readonly channels: readonly string[]) {}

  get epoch(): string | undefined {
    return this.epochs.at(-1);
  }

  /** The lowest of its cursors; `undefined` before the first snapshot. */
  get cursor(): Cursor | undefined {
    const ids = Object.values(this.cursors).sort(compareIds);
    return ids[0] === undefined ? undefined : `${this.epoch}.${ids[0]}`;
  }

  /** What it would subscribe with now. */
  get subscription(): Subscribe {
    const fresh = this.channels.filter((channel) => this.cursors[channel] === undefined);
    const { cursor } = this;
    const channels = [...this.channels];
    return cursor === undefined ? { channels } : { channels, cursor, ...(fresh.length > 0 && { fresh }) };
  }

  take(received: Frame): void {
    const frame = frameSchema.parse(received) as Frame;
    const { epoch, id: to } = parseCursor(frame.to)!;
    if (frame.denied) this.deny(frame.denied);
    const given = Object.keys(frame.snapshot ?? {});
    const both = given.find((channel) => frame.denied?.includes(channel));
    if (both) throw new Error(`${both} is denied`);
    this.denied = this.denied.filter((channel) => !given.includes(channel));
    for (const channel of given) this.expectMine(channel);
    if (frame.from === undefined) {
      if (frame.updates) throw new Error("a whole snapshot has no updates");
      if (!frame.snapshot) throw new Error("a frame without `from` is a snapshot");
      const wanted = this.channels.filter((channel) => !this.denied.includes(channel));
      if (wanted.some((channel) => !frame.snapshot![channel]))
        throw new Error("a whole snapshot has all channels");
      if (epoch !== this.epoch) this.begin(epoch);
    } else {
      if (epoch !== this.epoch || parseCursor(frame.from)!.epoch !== epoch) throw new Error("another epoch");
      this.read(frame, parseCursor(frame.from)!.id, to);
    }
    for (const [channel, state] of Object.entries(frame.snapshot ?? {})) {
      const cursor = this.cursors[channel];
      if (cursor !== undefined && compareIds(to, cursor) <= 0) continue;
      this.states[channel] = state;
      this.cursors[channel] = to;
      this.snapshots.push({ channel, at: to });
    }
  }

  private read({ updates, snapshot }: Frame, from: UpdateId, to: UpdateId): void {
    if (!updates) throw new Error("a frame with `from` has updates");
    if (compareIds(from, to) > 0) throw new Error(`from ${from} is past to ${to}`);
    const followed = Object.keys(this.cursors).filter((channel) => !snapshot?.[channel]);
    for (const channel of followed)
      if (compareIds(from, this.cursors[channel]!) > 0)
        throw new Error(`a gap in ${channel}: at ${this.cursors[channel]}, the frame begins at ${from}`);
    let last = from;
    for (const update of updates) {
      this.expectMine(update.ch);
      if (compareIds(update.id, last) <= 0) throw new Error(`${update.id} does not come after ${last}`);
      if (compareIds(update.id, to) > 0) throw new Error(`${update.id} lies past to ${to}`);
      last = update.id;
      const cursor = this.cursors[update.ch];
      if (cursor === undefined || compareIds(update.id, cursor) <= 0) continue;
      this.states[update.ch] = apply(this.states[update.ch]!, update);
      this.applied.push(update);
    }
    for (const channel of followed)
      if (compareIds(to, this.cursors[channel]!) > 0) this.cursors[channel] = to;
  }

  /** Of another log nothing counts that was read before, and nobody goes back to one that was left (L5). */
  private begin(epoch: string): void {
    if (this.epochs.includes(epoch)) throw new Error(`back in ${epoch}, which was left`);
    this.epochs.push(epoch);
    for (const channel of this.channels) {
      delete this.cursors[channel];
      delete this.states[channel];
    }
    this.applied.length = this.snapshots.length = 0;
  }

  private deny(denied: readonly string[]): void {
    this.denied = denied;
    for (const channel of denied) {
      delete this.cursors[channel];
      delete this.states[channel];
    }
  }

  private expectMine(channel: string): void {
    if (!this.channels.includes(channel)) throw new Error(`${channel} was not asked for`);
    if (this.denied.includes(channel)) throw new Error(`${channel} is denied`);
  }
}
