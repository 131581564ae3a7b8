/** The widths a flush window can take, ms (H2). */
const WINDOWS = [16, 33, 50, 100] as const;
/** The share of a core that writing frames may take before the window widens. */
const BUDGET = 0.1;
/**
 * What a frame costs, over what its write takes: as much again comes after it, for the kernel's answer, the
 * client's acknowledgements, and the garbage of both. (Measured: 10.4 µs of the main thread's time per frame,
 * 5.9 of them in the flush.)
 */
const WHOLE_COST = 1.75;
/**
 * What a frame costs beyond this goes into its bytes, ms: they have to be written in any window, so that a wider one
 * would only delay them. (Measured: 10 to 16 µs for frames of a few hundred bytes.)
 */
const MOST_MERGED_MS = 0.02;

export interface FlushStats {
  /** Distinct 16 ms slots in which something was committed, per second. */
  slotsPerSecond: number;
  /** Frames written per flush, a client counting one. */
  framesPerFlush: number;
  /** Measured cost of one frame, ms. */
  frameMs: number;
}

/**
 * The narrowest window whose cost stays within the budget (H2), or, when none does, the narrowest of the
 * cheapest: a window that would merge nothing only adds delay.
 */
export function chooseWindow({ slotsPerSecond, framesPerFlush, frameMs }: FlushStats): number {
  const saved = Math.min(frameMs, MOST_MERGED_MS);
  const cost = (window: number) => (Math.min(slotsPerSecond, 1000 / window) * framesPerFlush * saved) / 1000;
  const fitting = WINDOWS.find((window) => cost(window) <= BUDGET);
  if (fitting !== undefined) return fitting;
  const cheapest = Math.min(...WINDOWS.map(cost));
  return WINDOWS.find((window) => cost(window) <= cheapest * 1.05) ?? WINDOWS[0];
}

/** Gathers what `chooseWindow` needs over the last second; all times in ms of one monotonic clock. */
export class FlushWindow {
  private periodStart = 0;
  private slots = 0;
  private lastSlot = -1;
  private flushes = 0;
  private frames = 0;
  private spent = 0;
  private width: number = WINDOWS[0];

  /** The present window, ms. */
  get current(): number {
    return this.width;
  }

  committed(now: number): void {
    const slot = Math.floor(now / WINDOWS[0]);
    if (slot !== this.lastSlot) {
      this.lastSlot = slot;
      this.slots += 1;
    }
  }

  flushed(now: number, frames: number, tookMs: number): void {
    this.flushes += 1;
    this.frames += frames;
    this.spent += tookMs;
    const seconds = (now - this.periodStart) / 1000;
    if (seconds < 1) return;
    this.width = chooseWindow({
      slotsPerSecond: this.slots / seconds,
      framesPerFlush: this.frames / this.flushes,
      frameMs: this.frames === 0 ? 0 : (WHOLE_COST * this.spent) / this.frames,
    });
    this.periodStart = now;
    this.slots = this.flushes = this.frames = this.spent = 0;
  }
}
