import type { UpdateId } from "@/lib/shared/cursor";
import { BEAT_MS } from "@/lib/shared/protocol";
import { type Clock, Cohort } from "./cohort";
import type { LogView } from "./log-view";
import type { Entry } from "./ring";
import { keyOf, type Subscriber } from "./subscriber";

/** All live cohorts of the hub, found by channel, so that an update costs nothing where nobody reads it. */
export class Cohorts {
  private readonly byKey = new Map<string, Cohort>();
  private readonly byChannel = new Map<string, Set<Cohort>>();
  private readonly dirty = new Set<Cohort>();
  /** The same of those that are written to once a second. */
  private readonly dirtySparse = new Set<Cohort>();

  constructor(private readonly view: LogView) {}

  /** Is something waiting to be written to those who are not sparse? */
  get waiting(): boolean {
    return this.dirty.size > 0;
  }

  /** Up to where the cohort that a subscriber belongs to has been sent everything; a new one begins at the head. */
  position(subscriber: Subscriber): UpdateId {
    return this.byKey.get(cohortKey(subscriber))?.sentTo ?? this.view.head;
  }

  /** The cohort that a subscriber belongs to, made for its first member. */
  for(subscriber: Subscriber, now: number): Cohort {
    const key = cohortKey(subscriber);
    const existing = this.byKey.get(key);
    if (existing) return existing;
    const { channels, fanout, sub, sparse } = subscriber;
    const group = fanout.createGroup();
    const cohort = new Cohort(key, channels, sub, sparse, group, this.view.head);
    cohort.nextBeat = now + BEAT_MS;
    this.byKey.set(key, cohort);
    for (const channel of channels) {
      this.byChannel.set(channel, (this.byChannel.get(channel) ?? new Set()).add(cohort));
    }
    return cohort;
  }

  leave(subscriber: Subscriber): void {
    if (subscriber.phase.name !== "live") return;
    const { cohort } = subscriber.phase;
    cohort.leave(subscriber);
    if (cohort.members.size > 0) return;
    this.byKey.delete(cohort.key);
    this.dirty.delete(cohort);
    this.dirtySparse.delete(cohort);
    for (const channel of cohort.channels) {
      const set = this.byChannel.get(channel);
      set?.delete(cohort);
      if (set?.size === 0) this.byChannel.delete(channel);
    }
  }

  enqueue(entry: Entry): void {
    for (const cohort of this.byChannel.get(entry.update.ch) ?? []) {
      cohort.add(entry);
      (cohort.sparse ? this.dirtySparse : this.dirty).add(cohort);
    }
  }

  /** Writes what waits for those who are not sparse; returns the number of frames, a member counting one. */
  flush(): number {
    let frames = 0;
    for (const cohort of this.dirty) frames += cohort.flush(this.view.epoch, this.view.head, this.passOver);
    this.dirty.clear();
    return frames;
  }

  /**
   * Writes what waits for the sparse ones, to be called once a second (H7). A beat that is due travels in the same
   * frame.
   */
  flushSparse(now: number, clock: Clock, all: boolean): void {
    for (const cohort of this.dirtySparse) {
      const due = all || isDue(cohort, now);
      cohort.flush(this.view.epoch, this.view.head, this.passOver, due ? clock : undefined);
      if (due) cohort.nextBeat = now + BEAT_MS;
    }
    this.dirtySparse.clear();
  }

  /** Beats the cohorts whose time has come, or all of them. Nothing may be waiting to be written. */
  beat(now: number, clock: Clock, all: boolean): void {
    for (const cohort of [...this.byKey.values()]) {
      // Who was told in this very moment is not told again.
      const isTold = cohort.nextBeat === now + BEAT_MS;
      if (isTold || !(all || isDue(cohort, now))) continue;
      this.passOver(cohort);
      cohort.beat(this.view.epoch, this.view.head, clock);
      cohort.nextBeat = now + BEAT_MS;
    }
  }

  /** Takes out the members that do not keep up (H3); their transport says when there is room again. */
  private readonly passOver = (cohort: Cohort): void => {
    for (const member of cohort.members) {
      if (member.receiver.ready()) continue;
      this.leave(member);
      member.phase = { name: "passed-over", position: cohort.sentTo };
    }
  };
}

function cohortKey(subscriber: Subscriber): string {
  return `${subscriber.fanout.name}${subscriber.sparse ? " sparse" : ""} ${keyOf(subscriber)}`;
}

/** Also when the clock was put back. */
function isDue({ nextBeat }: Cohort, now: number): boolean {
  return now >= nextBeat || now < nextBeat - 2 * BEAT_MS;
}
