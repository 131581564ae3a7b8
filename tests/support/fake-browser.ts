import { ManualBrowser } from "@/lib/client/in-memory/manual-browser";

/** A browser whose time is moved by the test. `wakeUps` counts the timers that the page has set. */
export class FakeBrowser extends ManualBrowser {
  get wakeUps(): number {
    return [...this.timers].filter(({ isWakeUp }) => isWakeUp).length;
  }

  /** The machine sleeps: no timer runs. On some systems the monotonic clock stops too. */
  async sleep(ms: number, monotonicGoesOn: boolean): Promise<void> {
    this.wallTime += ms;
    if (monotonicGoesOn) this.monoTime += ms;
    await this.advance(0);
  }
}
