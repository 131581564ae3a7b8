/** How long catch-up may hold the event loop at a time, ms. */
const SLICE_MS = 4;
/** For each ms of catch-up, at least so many go to everything else. */
const REST = 3;

/**
 * Runs the steps of those who catch up, in turn, in a quarter of the time at most: however many megabytes they
 * have missed, who is live does not wait for them (H3). Each subscriber has at most one step here.
 */
export class Pacer {
  private steps: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private restUntil = 0;

  add(step: () => void): void {
    this.steps.push(step);
    this.timer ??= setTimeout(() => this.run(), Math.max(0, this.restUntil - performance.now()));
  }

  private run(): void {
    const start = performance.now();
    const steps = this.steps;
    this.steps = [];
    let done = 0;
    while (done < steps.length && performance.now() - start < SLICE_MS) steps[done++]!();
    // Who was not served comes before who wants another step.
    this.steps = [...steps.slice(done), ...this.steps];
    this.restUntil = performance.now() + REST * (performance.now() - start);
    this.timer = undefined;
    if (this.steps.length > 0) this.timer = setTimeout(() => this.run(), this.restUntil - performance.now());
  }
}
