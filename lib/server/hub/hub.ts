import { performance } from "node:perf_hooks";
import type { Cursor } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { Frame, PageSnapshot, Subscribe } from "@/lib/shared/protocol";
import type { Committed, Log } from "../log/log";
import { ACCESS_CHANNEL, permitted } from "./access";
import { CatchUp } from "./catch-up";
import { Cohorts } from "./cohorts";
import { FlushWindow } from "./flush-window";
import { Follower } from "./follower";
import { LogView } from "./log-view";
import { Reader } from "./reader";
import type { Attachment, Fanout, Receiver } from "./receiver";
import { lagOf, type Subscriber } from "./subscriber";
import { Waiters } from "./waiters";

/** How often the head is confirmed through the engine, sparse frames and beats that are due are sent, ms. */
const TICK_MS = 1000;
const CHECKPOINT_MS = 30_000;
const DRAIN_STEP_MS = 50;

export interface HubOptions {
  log: Log;
  channels: readonly Channel[];
  now?: () => number;
  /** Told about failures that nobody waits for. */
  report: (error: unknown, what: string) => void;
  /** Told when the log is another one now: what was published before counts no more. */
  onReplaced?: () => void;
}

/**
 * The only place that fans out (H1–H3, H5): it follows the log, keeps the state of every channel, and gives
 * each subscriber what it has not had, encoding a frame once per cohort.
 */
export class Hub {
  private readonly view: LogView;
  private readonly reader: Reader;
  private readonly follower: Follower;
  private readonly log: Log;
  private readonly onReplaced: () => void;
  private readonly now: () => number;
  private readonly report: HubOptions["report"];
  private readonly waiters = new Waiters();
  private readonly window = new FlushWindow();
  private readonly subscribers = new Set<Subscriber>();
  private readonly cohorts: Cohorts;
  private readonly catchUp: CatchUp;
  private readonly news = new Set<string>();
  private flushTimer: NodeJS.Timeout | undefined;
  private tickTimer: NodeJS.Timeout | undefined;
  /** Taken in since start. */
  private updates = 0;
  private lastFlush = Number.NEGATIVE_INFINITY;
  private checkpointAt = 0;
  private wasDelayed = false;
  private drained: Promise<void> | undefined;
  /** Everybody has been sent away, and so is who still comes. */
  private isAway = false;

  constructor({ log, channels, now = Date.now, report, onReplaced = () => {} }: HubOptions) {
    this.log = log;
    this.onReplaced = onReplaced;
    this.now = now;
    this.report = report;
    this.view = new LogView(channels);
    this.reader = new Reader(this.view, log);
    this.follower = new Follower({
      view: this.view,
      log,
      channels,
      now,
      report,
      accept: (committed) => this.accept(committed),
      replace: (fresh) => this.replace(fresh),
    });
    this.cohorts = new Cohorts(this.view);
    this.catchUp = new CatchUp({
      view: this.view,
      reader: this.reader,
      cohorts: this.cohorts,
      now,
      clock: () => this.clock(),
      reach: (position) => this.follower.reach.until(position),
      fail: (subscriber, error) => {
        this.detach(subscriber);
        subscriber.receiver.fail(error);
      },
    });
  }

  /** Opens the log, replays it, and begins to follow it from there. */
  async open(): Promise<void> {
    await this.follower.open();
    this.checkpointAt = this.now();
    this.tickTimer = setInterval(() => this.tick(), TICK_MS);
    this.tickTimer.unref();
  }

  /** Serves these channels from now on, in the same log. Who watches one that is of another kind now begins anew. */
  redefine(channels: readonly Channel[]): Promise<void> {
    return this.follower.redefine(channels);
  }

  /** Writes what is pending and a checkpoint. The log stays open. Never rejects, so that it is closed next. */
  async close(): Promise<void> {
    clearInterval(this.tickTimer);
    clearTimeout(this.flushTimer);
    this.flush();
    this.follower.close();
    this.waiters.wakeAll();
    for (const subscriber of [...this.subscribers]) this.detach(subscriber);
    // Only a shortcut is lost: the next start replays the log from an older one.
    await this.log
      .saveCheckpoint(this.view.checkpoint())
      .catch((error) => this.report(error, "saving the last checkpoint"));
  }

  /** Has this node begun to send its viewers away (H6)? */
  get isDraining(): boolean {
    return this.drained !== undefined;
  }

  /**
   * Sends all viewers away, evenly over `ms`, so that they do not all arrive elsewhere at once; requests that
   * are held are answered. Resolves when that is done. Who comes meanwhile is served, and sent away at the end.
   */
  drain(ms: number): Promise<void> {
    this.drained ??= this.sendAway(ms);
    return this.drained;
  }

  private async sendAway(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let left = ms; left > 0; left = until - performance.now()) {
      // As many as keep pace: all that are there now, over the time that is left.
      const share = Math.min(1, DRAIN_STEP_MS / left);
      for (let n = Math.ceil(this.waiters.size * share); n > 0; n--) this.waiters.wakeOne();
      this.moveSome(Math.ceil(this.subscribers.size * share));
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_STEP_MS, left)));
    }
    this.waiters.wakeAll();
    this.isAway = true;
    this.moveSome(this.subscribers.size);
  }

  private moveSome(count: number): void {
    this.flush();
    for (const subscriber of [...this.subscribers].slice(0, count)) {
      this.detach(subscriber);
      subscriber.receiver.move();
    }
  }

  get cursor(): Cursor {
    return this.view.cursor();
  }

  /** Since when (ms) the log could not be confirmed; `undefined` while it can (F4). */
  get delayedSince(): number | undefined {
    return this.follower.delayedSince;
  }

  state(channel: string) {
    return this.view.state(channel);
  }

  /** Catch-up reads since start, by what answered them. */
  get reads(): Readonly<Reader["reads"]> {
    return this.reader.reads;
  }

  /** Open subscriptions by transport, and requests that wait. */
  viewers(): { socket: number; sse: number; waiting: number } {
    const count = { socket: 0, sse: 0, waiting: this.waiters.size };
    for (const subscriber of this.subscribers) count[subscriber.fanout.name] += 1;
    return count;
  }

  /** Figures for /metrics. Times in ms; `behindSince` while the engine's head lies past what is read here. */
  get stats() {
    return {
      updates: this.updates,
      flushWindowMs: this.window.current,
      ...this.follower.stats,
    };
  }

  /** What a server-rendered page starts from, taken in one synchronous step (R2). */
  page(viewer: string, asked: readonly string[]): PageSnapshot {
    const { channels, denied } = this.permitted(viewer, asked);
    const frame = { ...this.snapshot(channels), ...(denied.length > 0 && { denied }) };
    return { frame, series: this.view.series.read([...channels]) };
  }

  /** All of `channels` as they are at the head (F2). The caller has checked that they may be read. */
  private snapshot(channels: Iterable<string>): PageSnapshot["frame"] {
    return { to: this.view.cursor(), snapshot: this.view.snapshot(channels), ...this.clock() };
  }

  /**
   * One frame for a request: what `channels` had since `cursor`, or a snapshot when there is none or it is
   * gone (L5). A long way back comes in parts; one that says `more` is told only to who has more to get.
   */
  async read(viewer: string, request: Subscribe): Promise<Frame> {
    let from = request.cursor === undefined ? undefined : this.view.resolve(request.cursor);
    if (from !== undefined && !(await this.follower.reach.until(from))) from = undefined;
    const wanted = () => this.permitted(viewer, request.channels, request.fresh);
    let part = from === undefined ? undefined : this.reader.fromMemory(from, wanted(), this.view.head);
    if (from !== undefined && this.view.ring.locate(from) === "older")
      part = await this.reader.fromEngine(from, wanted);
    const { channels, denied } = wanted();
    const { more, ...frame } = part ? part.frame : this.snapshot(channels);
    return {
      ...frame,
      ...(more && this.hasNews(viewer, { ...request, cursor: frame.to }) && { more }),
      ...this.clock(),
      ...(request.sub !== undefined && { sub: request.sub }),
      ...(denied.length > 0 && { denied }),
    };
  }

  /**
   * Does a reader of `channels` at `cursor` lack something? Also true when the cursor is gone, and when a
   * permission changed since, so that who lost a channel is told.
   */
  hasNews(viewer: string, request: Subscribe): boolean {
    const { channels, fresh } = this.permitted(viewer, request.channels, request.fresh);
    if (fresh.size > 0 || request.cursor === undefined) return true;
    const from = this.view.resolve(request.cursor);
    const place = from === undefined ? "unknown" : this.view.ring.locate(from);
    if (typeof place === "string") return true;
    return this.view.ring.read(place, this.view.head, channels.add(ACCESS_CHANNEL), 1).entries.length > 0;
  }

  /** Resolves when one of `channels` has news, after `ms`, or on abort. */
  wait(channels: readonly string[], ms: number, signal?: AbortSignal): Promise<void> {
    return this.waiters.wait(channels, ms, signal);
  }

  /**
   * Subscribes a connection: catch-up from the cursor or a snapshot, then live. The first frame arrives
   * through `receiver.send`, in this call when memory suffices.
   */
  attach(fanout: Fanout, receiver: Receiver, viewer: string, request: Subscribe): Attachment {
    const { channels, denied, fresh } = this.permitted(viewer, request.channels, request.fresh);
    const subscriber: Subscriber = {
      viewer,
      asked: request.channels,
      channels,
      denied,
      fresh,
      sub: request.sub,
      sparse: request.sparse ?? false,
      receiver,
      fanout,
      phase: {
        name: "catching-up",
        position: request.cursor === undefined ? undefined : this.view.resolve(request.cursor),
      },
      started: false,
      tellDenied: denied.length > 0,
      pumping: false,
    };
    this.subscribers.add(subscriber);
    this.catchUp.start(subscriber);
    if (this.isAway) this.moveSome(this.subscribers.size);
    return {
      resume: () => {
        if (subscriber.phase.name === "passed-over") this.catchUp.start(subscriber);
      },
      lagMs: () => lagOf(subscriber, this.view.head),
      close: () => this.detach(subscriber),
    };
  }

  // ── The log moves on ──────────────────────────────────────────────────────────────────────────────────

  private accept({ updates, to }: Committed): void {
    for (const update of updates) {
      if (update.ch === ACCESS_CHANNEL) {
        // It comes after all that was allowed before it, on a sparse connection, too.
        this.flush();
        this.cohorts.flushSparse(this.now(), this.clock(), false);
      }
      const entry = this.view.accept(update);
      if (update.ch === ACCESS_CHANNEL) this.applyAccess();
      else {
        this.news.add(update.ch);
        this.cohorts.enqueue(entry);
      }
    }
    this.updates += updates.length;
    this.view.head = to;
    if (this.news.size > 0) this.scheduleFlush();
  }

  /** Everybody goes on from the new view: from where they are, or in another log with a snapshot. */
  private replace(fresh: LogView): void {
    const isAnother = fresh.epoch !== this.view.epoch;
    this.news.clear();
    for (const subscriber of this.subscribers) {
      const { phase } = subscriber;
      if (phase.name === "closed") continue;
      const position = phase.name === "live" ? phase.cohort.sentTo : phase.position;
      this.cohorts.leave(subscriber);
      const name = phase.name === "passed-over" ? phase.name : "catching-up";
      subscriber.phase = { name, position: isAnother ? undefined : position };
    }
    this.view.become(fresh);
    this.reader.forget();
    for (const subscriber of [...this.subscribers]) {
      this.readmit(subscriber);
      if (subscriber.phase.name === "catching-up") this.catchUp.start(subscriber);
    }
    this.waiters.wakeAll();
    if (isAnother) this.onReplaced();
  }

  private scheduleFlush(): void {
    const now = performance.now();
    this.window.committed(now);
    if (this.flushTimer) return;
    const wait = this.lastFlush + this.window.current - now;
    if (wait <= 0) this.flush();
    else this.flushTimer = setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    const start = performance.now();
    const frames = this.cohorts.flush();
    for (const channel of this.news) this.waiters.wake(channel);
    this.news.clear();
    this.lastFlush = performance.now();
    this.window.flushed(this.lastFlush, frames, this.lastFlush - start);
  }

  private tick(): void {
    void this.follower.confirm();
    const now = this.now();
    const isDelayed = this.delayedSince !== undefined;
    const changed = isDelayed !== this.wasDelayed;
    this.wasDelayed = isDelayed;
    // Who is held for news would otherwise believe until the end of the wait that there is none.
    if (changed && isDelayed) this.waiters.wakeAll();
    if (now - this.checkpointAt >= CHECKPOINT_MS) {
      this.checkpointAt = now;
      this.log
        .saveCheckpoint(this.view.checkpoint())
        .then(() => this.log.trim())
        .catch((error) => this.report(error, "saving a checkpoint"));
    }
    if (this.cohorts.waiting) this.flush();
    this.cohorts.flushSparse(now, this.clock(), changed);
    this.cohorts.beat(now, this.clock(), changed);
  }

  private clock(): { now: number; log?: { delayedSince: number } } {
    const delayed = this.delayedSince;
    return { now: this.now(), ...(delayed !== undefined && { log: { delayedSince: delayed } }) };
  }

  private detach(subscriber: Subscriber): void {
    this.cohorts.leave(subscriber);
    subscriber.phase = { name: "closed" };
    this.subscribers.delete(subscriber);
  }

  // ── Permission ────────────────────────────────────────────────────────────────────────────────────────

  private permitted(viewer: string, asked: readonly string[], fresh?: readonly string[]) {
    return permitted(this.view.access, viewer, asked, fresh);
  }

  /** Everything before the change has been flushed; nothing after it reaches who lost a channel (T7). */
  private applyAccess(): void {
    for (const subscriber of [...this.subscribers]) {
      const { phase } = subscriber;
      if (!this.readmit(subscriber) || phase.name !== "live") continue;
      subscriber.phase = { name: "catching-up", position: phase.cohort.sentTo };
      this.catchUp.start(subscriber);
    }
    this.waiters.wakeAll();
  }

  /** What a subscriber may read now, and is owed a snapshot of; false when that is what it was. */
  private readmit(subscriber: Subscriber): boolean {
    const { channels, denied } = this.permitted(subscriber.viewer, subscriber.asked);
    if (denied.join() === subscriber.denied.join()) return false;
    const gained = [...channels].filter((channel) => !subscriber.channels.has(channel));
    this.cohorts.leave(subscriber);
    Object.assign(subscriber, { channels, denied, tellDenied: true });
    for (const channel of gained) subscriber.fresh.add(channel);
    for (const channel of denied) subscriber.fresh.delete(channel);
    return true;
  }
}
