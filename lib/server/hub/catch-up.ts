import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import type { Cohorts } from "./cohorts";
import type { LogView } from "./log-view";
import { Pacer } from "./pacer";
import { type Reader, snapshotBytes } from "./reader";
import type { Subscriber } from "./subscriber";

export interface CatchUpOptions {
  view: LogView;
  reader: Reader;
  cohorts: Cohorts;
  now: () => number;
  /** What a first frame says of the time and the log (F4). */
  clock: () => Pick<Frame, "now" | "log">;
  /** Waits until this node has read up to a position; false when it is beyond the log. */
  reach: (position: UpdateId) => Promise<boolean>;
  /** The subscriber cannot be served. */
  fail: (subscriber: Subscriber, error: unknown) => void;
}

/**
 * Brings subscribers from their position to their cohort (H1, H3): a snapshot when there is no position, else
 * parts of the log, as long as the receiver has room. The first frame goes out at once, the rest is paced.
 */
export class CatchUp {
  private readonly pacer = new Pacer();

  constructor(private readonly options: CatchUpOptions) {}

  /** Begins, or goes on, until the subscriber is live or must wait. */
  start(subscriber: Subscriber): void {
    if (subscriber.pumping) return;
    subscriber.pumping = true;
    this.advance(subscriber);
  }

  private advance(subscriber: Subscriber): void {
    try {
      if (this.step(subscriber) === "stop") subscriber.pumping = false;
    } catch (error) {
      subscriber.pumping = false;
      this.options.fail(subscriber, error);
    }
  }

  private step(subscriber: Subscriber): "stop" | "later" {
    const { phase, receiver } = subscriber;
    if (phase.name === "live" || phase.name === "closed") return "stop";
    const { position } = phase;
    if (!receiver.ready()) {
      subscriber.phase = { name: "passed-over", position };
      return "stop";
    }
    subscriber.phase = { name: "catching-up", position };
    if (position !== undefined && compareIds(position, this.options.view.head) > 0) {
      void this.fromElsewhere(subscriber, position);
      return "later";
    }
    if (position === undefined || this.options.view.ring.locate(position) === "unknown") {
      this.startOver(subscriber);
      return "stop";
    }
    if (!this.fromMemory(subscriber, position)) void this.fromEngine(subscriber, position);
    else if (subscriber.phase.name !== "catching-up") return "stop";
    else this.pacer.add(() => this.advance(subscriber));
    return "later";
  }

  /** A position that another node gave out, before this one has read as far (L5). */
  private async fromElsewhere(subscriber: Subscriber, position: UpdateId): Promise<void> {
    try {
      const reached = await this.options.reach(position);
      if (!reached && subscriber.phase.name === "catching-up")
        subscriber.phase = { name: "catching-up", position: undefined };
      this.advance(subscriber);
    } catch (error) {
      subscriber.pumping = false;
      this.options.fail(subscriber, error);
    }
  }

  /** No usable cursor: a snapshot of everything, then live (F2). */
  private startOver(subscriber: Subscriber): void {
    const { view } = this.options;
    subscriber.fresh.clear();
    const snapshot = view.snapshot(subscriber.channels);
    this.send(subscriber, { to: view.cursor(), snapshot }, snapshotBytes(snapshot));
    this.join(subscriber);
  }

  /**
   * One part from memory; false when the ring does not reach back to `position`. The last part ends at the
   * cohort's last `to` and joins it, all synchronously (H1); one that owes a snapshot ends at the head.
   */
  private fromMemory(subscriber: Subscriber, position: UpdateId): boolean {
    const { view, reader, cohorts } = this.options;
    const end = subscriber.fresh.size > 0 ? view.head : cohorts.position(subscriber);
    const part = reader.fromMemory(position, subscriber, end);
    if (!part) return false;
    const owed = !subscriber.started || subscriber.tellDenied || subscriber.owesMore;
    const worthSending = part.bytes > 0 || part.to !== position || owed;
    if (worthSending) this.send(subscriber, part.frame, part.bytes);
    if (part.complete) {
      subscriber.fresh.clear();
      this.join(subscriber);
    } else subscriber.phase = { name: "catching-up", position: part.to };
    return true;
  }

  private async fromEngine(subscriber: Subscriber, position: UpdateId): Promise<void> {
    try {
      const part = await this.options.reader.fromEngine(position, () => subscriber);
      if (subscriber.phase.name === "catching-up") {
        // Also when it is empty: a frame that begins past the last one's end would show a gap (F3).
        if (part) this.send(subscriber, part.frame, part.bytes);
        subscriber.phase = { name: "catching-up", position: part?.to };
      }
      this.pacer.add(() => this.advance(subscriber));
    } catch (error) {
      subscriber.pumping = false;
      this.options.fail(subscriber, error);
    }
  }

  /** A frame that needs nothing of this subscriber's own is passed on as it is, so that it is encoded once. */
  private send(subscriber: Subscriber, frame: Frame, bytes: number): void {
    const { started, tellDenied, sub, denied } = subscriber;
    subscriber.tellDenied = false;
    subscriber.started = true;
    subscriber.owesMore = frame.more === true;
    const needs = !started || tellDenied || frame.sub !== sub;
    const own = {
      ...(!started && this.options.clock()),
      ...(sub !== undefined && { sub }),
      ...(tellDenied && { denied }),
    };
    subscriber.receiver.send(needs ? { ...frame, ...own } : frame, bytes + 160);
  }

  private join(subscriber: Subscriber): void {
    const cohort = this.options.cohorts.for(subscriber, this.options.now());
    subscriber.phase = { name: "live", cohort };
    cohort.join(subscriber);
  }
}
