import type { ClientEnvironment } from "./environment";
import { onNextRepaint } from "./next-repaint";

/** Whatever waits is painted within so many animation frames. Each frame costs something by itself. */
const FRAMES = 10;

/** Spreads what is to be painted over some animation frames, so that many charts do not make one frame late. */
export class PaintQueue {
  private readonly waiting = new Set<() => void>();
  private isScheduled = false;
  /** How many go into a frame until none waits. */
  private share = 1;

  constructor(private readonly environment: Pick<ClientEnvironment, "nextFrame" | "after">) {}

  /** Runs something in one of the next frames. Returns the way to cancel it. */
  readonly add = (paint: () => void): (() => void) => {
    this.waiting.add(paint);
    this.schedule();
    return () => void this.waiting.delete(paint);
  };

  private schedule(): void {
    if (this.waiting.size === 0) this.share = 1;
    if (this.isScheduled || this.waiting.size === 0) return;
    this.isScheduled = true;
    const cancel = onNextRepaint(this.environment, () => {
      cancel();
      this.isScheduled = false;
      this.share = Math.max(this.share, Math.ceil(this.waiting.size / FRAMES));
      const due = [...this.waiting].slice(0, this.share);
      for (const paint of due) this.waiting.delete(paint);
      // What these paints ask for comes after what waits already.
      this.schedule();
      for (const paint of due) paint();
    });
  }
}
