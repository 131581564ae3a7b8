import type { ClientEnvironment } from "./environment";

const SECOND_MS = 1000;

/**
 * Ticks once a second while it is wanted and the page is visible, for what grows old on the screen. A hidden
 * page has no wake-ups (C3).
 */
export class SecondHand {
  private cancel: (() => void) | undefined;

  constructor(
    private readonly environment: ClientEnvironment,
    private readonly tick: (dueAt: number) => void,
    private readonly isWanted: () => boolean,
  ) {}

  /** Starts or stops it, as is wanted now. */
  update(): void {
    const runs = this.isWanted() && this.environment.isVisible();
    if (!runs) {
      this.cancel?.();
      this.cancel = undefined;
    } else if (!this.cancel) this.arm();
  }

  private arm(): void {
    const dueAt = this.environment.mono() + SECOND_MS;
    this.cancel = this.environment.after(SECOND_MS, () => {
      this.cancel = undefined;
      this.update();
      this.tick(dueAt);
    });
  }
}
