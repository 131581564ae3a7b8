import type { Clock } from "@/lib/server/sources/clock";

/** A clock that moves when told to, with the timers that it owes. */
export class ManualClock implements Clock {
  time = 1_000_300;
  private timers: { at: number; run: () => void }[] = [];
  now = () => this.time;
  /** What the next ones are; 0.5 unless a test says otherwise. */
  random = () => 0.5;

  setTimeout(run: () => void, ms: number) {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown) {
    this.timers = this.timers.filter((other) => other !== timer);
  }

  /** Timers count elapsed time, so a clock that is set does not move them. */
  set(time: number) {
    for (const timer of this.timers) timer.at += time - this.time;
    this.time = time;
  }

  async pass(ms: number) {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const next = this.timers.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.clearTimeout(next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settled();
    }
    this.time = end;
  }

  get pending() {
    return this.timers.length;
  }
}

/** All that can go on without time passing has gone on. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
