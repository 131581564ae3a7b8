import { codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import { BEAT_MS } from "@/lib/shared/protocol";
import type { Committed, Log } from "../log/log";
import { FRAME_BYTES } from "./cohort";
import { follows, LogView } from "./log-view";
import { Reach } from "./reach";

const RETRY_MS = 200;
/** How often the first reading of the log is begun anew. */
const OPEN_ATTEMPTS = 25;

export interface FollowerOptions {
  view: LogView;
  log: Log;
  channels: readonly Channel[];
  now: () => number;
  report: (error: unknown, what: string) => void;
  /** Takes what follows on the view's head into the view. */
  accept: (committed: Committed) => void;
  /**
   * The log is another one, or lost what was not read in time, or there are other channels: everything begins anew
   * from this view.
   */
  replace: (fresh: LogView) => void;
}

/** Keeps the view at the log's head: it reads on from a known id, never from now on (H5), and says how sure it is. */
export class Follower {
  readonly reach: Reach;
  private confirmedAt = 0;
  /** A head that the engine confirmed, and when; this node has not read up to it yet. */
  private unreached: { head: UpdateId; at: number } | undefined;
  private confirming = false;
  private filling = false;
  /** A notification came that the reading under way may not have seen. */
  private missed = false;
  /** How often everything was to begin anew since the view was last loaded. */
  private replacements = 0;
  private loading: Promise<void> | undefined;
  private channels: readonly Channel[];
  private closed = false;
  private stopListening: (() => void)[] = [];

  constructor(private readonly options: FollowerOptions) {
    const { log, view } = options;
    this.channels = options.channels;
    this.reach = new Reach(
      () => log.confirm(),
      () => view.head,
      () => void this.fill(),
    );
  }

  /** Opens the log, replays it, and begins to follow it from there. */
  async open(): Promise<void> {
    const { log, now } = this.options;
    await this.load();
    this.stopListening = [
      log.tail((committed) => this.onCommitted(committed)),
      log.replaced(() => void this.reload()),
    ];
    this.confirmedAt = now();
  }

  /** A log may turn out to be another one while it is read for the first time; then that one is. */
  private async load(): Promise<void> {
    const { view, log, now } = this.options;
    for (let left = OPEN_ATTEMPTS; ; left--) {
      const fresh = new LogView(this.channels);
      try {
        await fresh.load(log, now());
        return view.become(fresh);
      } catch (error) {
        // One that could not even be opened is no such log.
        if (fresh.epoch === "" && left === OPEN_ATTEMPTS) throw error;
        if (left === 0 || codeOf(error) !== "log_unavailable") throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  close(): void {
    this.closed = true;
    for (const stop of this.stopListening) stop();
  }

  /** Since when (ms) the log could not be confirmed; `undefined` while it can (F4). */
  get delayedSince(): number | undefined {
    return this.options.now() - this.confirmedAt > BEAT_MS ? this.confirmedAt : undefined;
  }

  /** When the log was last confirmed, and since when the engine's head lies past what is read here (ms). */
  get stats(): { confirmedAt: number; behindSince: number | undefined } {
    return { confirmedAt: this.confirmedAt, behindSince: this.unreached?.at };
  }

  /** Asks the engine for its head. Never rejects, and is not asked again while an answer is awaited. */
  async confirm(): Promise<void> {
    // The head of another log says nothing of what is shown.
    if (this.confirming || this.replacements > 0) return;
    this.confirming = true;
    const wasDelayed = this.delayedSince !== undefined;
    const { log, view, now, report } = this.options;
    try {
      const head = await log.confirm();
      if (this.replacements > 0) return;
      // One that is not reached yet stays: under constant appends there is a newer one each time.
      this.unreached ??= { head, at: now() };
      this.noteReached();
      // The notification of the last commit may be what is missing: no later one would show that.
      if (compareIds(head, view.head) > 0) void this.fill();
    } catch (error) {
      if (!wasDelayed) report(error, "confirming the head of the log");
    } finally {
      this.confirming = false;
    }
  }

  private onCommitted(committed: Committed): void {
    // Of a log that is loaded anew nothing goes into the old view; it is read on from the new one.
    if (this.replacements > 0) return;
    const relation = this.filling ? "hole" : follows(this.options.view.head, committed);
    if (relation === "old") return;
    if (relation === "hole") return void this.fill();
    this.accept(committed);
  }

  private accept(committed: Committed): void {
    this.options.accept(committed);
    this.noteReached();
    this.reach.moved();
  }

  /** The log counts as confirmed as of when this node has what was confirmed: it speaks for its viewers (F4). */
  private noteReached(): void {
    if (!this.unreached || compareIds(this.options.view.head, this.unreached.head) < 0) return;
    this.confirmedAt = this.unreached.at;
    this.unreached = undefined;
  }

  /** Reads what a notification skipped; the log itself is the truth (H5). */
  private async fill(): Promise<void> {
    const { log, view, report } = this.options;
    this.missed = true;
    if (this.filling) return;
    this.filling = true;
    let isReported = false;
    while (this.missed && !this.closed && this.replacements === 0) {
      try {
        this.missed = false;
        const read = await log.read(view.head, 16 * FRAME_BYTES);
        // The view is loaded anew meanwhile: what was read is not what follows on it.
        if (this.replacements > 0) break;
        if (read.status === "gone") void this.reload();
        else {
          this.accept(read);
          if (compareIds(read.to, read.head) < 0) this.missed = true;
        }
      } catch (error) {
        this.missed = true;
        if (!isReported) report(error, "reading on after a hole");
        isReported = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.filling = false;
  }

  /** From now on the view is of these channels, as after a start anew. Resolves when it is. */
  redefine(channels: readonly Channel[]): Promise<void> {
    this.channels = channels;
    return this.reload();
  }

  /** Begins anew with a log that is another one, or that no longer has what was not read in time (L4, L5). */
  private reload(): Promise<void> {
    this.replacements += 1;
    this.loading ??= this.loadAnew();
    return this.loading;
  }

  private async loadAnew(): Promise<void> {
    const { log, now, report } = this.options;
    while (this.replacements > 0 && !this.closed) {
      const { replacements } = this;
      try {
        const fresh = new LogView(this.channels);
        await fresh.load(log, now());
        if (this.replacements !== replacements) continue;
        this.replacements = 0;
        this.unreached = undefined;
        this.options.replace(fresh);
      } catch (error) {
        report(error, "loading a log that was replaced");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (1 + Math.random())));
      }
    }
    this.loading = undefined;
    void this.fill();
  }
}
