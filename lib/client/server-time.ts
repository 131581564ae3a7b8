import type { ClientEnvironment } from "./environment";
import {
  createServerClock,
  forget,
  type Instant,
  look,
  sample,
  sampleDate,
  serverNow,
  stamp,
} from "./server-clock";

/** A timer that fires so much later than it was due shows that time has passed unnoticed, ms. */
const LATE_MS = 5000;

/** The server's now on this browser's clocks: the shell around the pure clock. All times are ms. */
export class ServerTime {
  /** The newest time that the server has told. */
  newest = Number.NEGATIVE_INFINITY;
  private clock;

  constructor(private readonly environment: Pick<ClientEnvironment, "wall" | "mono">) {
    this.clock = createServerClock(this.instant());
  }

  /** `undefined` until the server has told it, and after waking (C7). */
  now(): number | undefined {
    return serverNow(this.clock, this.environment.mono());
  }

  /** The best guess, for labels and the ledger. */
  stamp(): number {
    return stamp(this.clock, this.instant());
  }

  /** One instant on both clocks of this browser. */
  instant(): Instant {
    return { wall: this.environment.wall(), mono: this.environment.mono() };
  }

  /** Takes in the `now` of a frame that has just arrived. */
  sample(now: number): void {
    this.clock = sample(this.clock, now, this.instant());
    this.note(now);
  }

  /** Takes in an answer's date: its now in whole seconds, rounded down. */
  sampleDate(date: number): void {
    this.clock = sampleDate(this.clock, date, this.instant());
    this.note(date);
  }

  note(time: number): void {
    this.newest = Math.max(this.newest, time);
  }

  /** Did time pass unnoticed? Then the server's now is unknown until it tells it again. */
  hasPassedUnnoticed(dueAt: number): boolean {
    const at = this.instant();
    const looked = look(this.clock, at);
    if (looked === this.clock && at.mono - dueAt <= LATE_MS) return false;
    this.clock = forget(looked);
    return true;
  }
}
