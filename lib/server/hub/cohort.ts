import { formatCursor, type UpdateId } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import type { Group } from "./receiver";
import type { Entry } from "./ring";
import type { Subscriber } from "./subscriber";

/** What a beat says of the time and the log (F4). */
export type Clock = Pick<Frame, "now" | "log">;

/** The most of one frame, bytes of updates; more goes into several frames. */
export const FRAME_BYTES = 64 * 1024;

/**
 * Subscribers of one transport with the same channels and the same `sub`, all sparse or none: all at the same
 * position (H2, H7).
 */
export class Cohort {
  readonly members = new Set<Subscriber>();
  private pending: Entry[] = [];
  nextBeat = 0;

  constructor(
    readonly key: string,
    readonly channels: ReadonlySet<string>,
    readonly sub: number | undefined,
    readonly sparse: boolean,
    private readonly group: Group,
    /** The `to` of the last frame that the members were sent. */
    public sentTo: UpdateId,
  ) {}

  join(subscriber: Subscriber): void {
    this.members.add(subscriber);
    this.group.join(subscriber.receiver);
  }

  leave(subscriber: Subscriber): void {
    if (this.members.delete(subscriber)) this.group.leave(subscriber.receiver);
  }

  add(entry: Entry): void {
    this.pending.push(entry);
  }

  get waiting(): boolean {
    return this.pending.length > 0;
  }

  /**
   * Writes what is pending, up to `head`. `passOver` is called before each write and takes out the members
   * that do not keep up. The last frame also says what a beat would, if it is given `clock`. Returns how many
   * frames were written, a member counting one.
   */
  flush(epoch: string, head: UpdateId, passOver: (cohort: Cohort) => void, clock?: Clock): number {
    let written = 0;
    const pending = this.pending;
    this.pending = [];
    for (let start = 0; start < pending.length; ) {
      let bytes = 0;
      let end = start;
      while (end < pending.length && (end === start || bytes + pending[end]!.bytes <= FRAME_BYTES)) {
        bytes += pending[end]!.bytes;
        end += 1;
      }
      passOver(this);
      const isLast = end === pending.length;
      const to = isLast ? head : pending[end - 1]!.update.id;
      const updates = pending.slice(start, end).map((entry) => entry.update);
      this.write(
        {
          from: formatCursor(epoch, this.sentTo),
          to: formatCursor(epoch, to),
          updates,
          ...(isLast && clock),
        },
        bytes,
        "frame",
      );
      this.sentTo = to;
      written += this.members.size;
      start = end;
    }
    return written;
  }

  beat(epoch: string, head: UpdateId, clock: Clock): void {
    const frame: Frame = {
      from: formatCursor(epoch, this.sentTo),
      to: formatCursor(epoch, head),
      updates: [],
      ...clock,
    };
    this.write(frame, 0, "beat");
    this.sentTo = head;
  }

  private write(frame: Frame, bytes: number, kind: "frame" | "beat"): void {
    if (this.members.size === 0) return;
    this.group.send(this.sub === undefined ? frame : { ...frame, sub: this.sub }, bytes + 120, kind);
  }
}
