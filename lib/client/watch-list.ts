import { type Choice, POLL_MIN_MS } from "./ladder-state";
import type { After } from "./transports/transport";

/** A page that is left may be followed by one that is still loading: what it watched is kept for so long, ms. */
export const LINGER_MS = 1000;
const POLL_MAX_MS = 60_000;

interface Watch {
  channels: readonly string[];
  transport?: Choice;
  cadence?: number;
}

export interface Wanted {
  channels: string[];
  choice: Choice;
  pollMs: number;
}

/**
 * What the mounted pages watch. `changed` is called once for all changes of one moment, so that moving from
 * page to page never subscribes to nothing in between.
 */
export class WatchList {
  private readonly watches = new Set<Watch>();
  private isQueued = false;
  /** The viewer's own choice goes before those of the pages. */
  private preferred: Choice;
  private cancelLinger = () => {};

  constructor(
    private readonly after: After,
    private readonly changed: () => void,
    preferred: Choice = "auto",
  ) {
    this.preferred = preferred;
  }

  get preference(): Choice {
    return this.preferred;
  }

  prefer(choice: Choice): void {
    this.preferred = choice;
    this.queue();
  }

  add(watch: Watch): () => void {
    this.watches.add(watch);
    this.cancelLinger();
    this.queue();
    return () => {
      if (!this.watches.delete(watch)) return;
      this.cancelLinger();
      this.cancelLinger = this.after(LINGER_MS, this.changed);
    };
  }

  /**
   * The channels of all watches together. Watches that fix a transport decide about it when they agree and the
   * viewer has no preference, and the one with the fastest channels about the interval of polling.
   */
  wanted(): Wanted {
    const all = [...this.watches];
    const asked = all.flatMap(({ transport }) => transport ?? []);
    const choices = new Set(this.preferred === "auto" ? asked : [this.preferred]);
    const cadence = Math.min(...all.map((watch) => watch.cadence ?? POLL_MIN_MS));
    return {
      channels: [...new Set(all.flatMap(({ channels }) => channels))],
      choice: choices.size === 1 ? [...choices][0]! : "auto",
      pollMs: Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, cadence)),
    };
  }

  private queue(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    queueMicrotask(() => {
      this.isQueued = false;
      this.changed();
    });
  }
}
