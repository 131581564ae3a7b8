/**
 * The live client: the shell around the pure parts. Every timer, event and connection is handled here; what to
 * do about them is decided by the ladder, the frame reducer and the other modules beside it.
 */
import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, PageSnapshot, Point } from "@/lib/shared/protocol";
import { type ChannelState, commitTime } from "@/lib/shared/state";
import { type ChartSource, chartSource } from "./chart-source";
import { type ConnectionView, INITIAL_VIEW, sameView, statusOf, viewLadder } from "./connection-view";
import type { Diagnostics } from "./diagnostics";
import type { ClientEnvironment } from "./environment";
import {
  adopt,
  NOTHING_READ,
  type Reading,
  type Received,
  receive,
  resubscribe,
  subscription,
} from "./frame-reducer";
import { beginGap, endGap, type Gap, type GapReason, noteFrame, openGap } from "./gap-ledger";
import { type Behind, ladderWhy } from "./gap-reason";
import { transition } from "./ladder";
import {
  CHOICES,
  type Choice,
  initialLadder,
  type Ladder,
  type LadderEvent,
  nextDeadline,
  openRungs,
  RUNGS,
  type Rung,
} from "./ladder-state";
import { addLatency, type Latencies, medianLatency } from "./latency";
import { onNextRepaint } from "./next-repaint";
import { OpenRungs } from "./open-rungs";
import { watchParking } from "./parking";
import { SecondHand } from "./second-hand";
import { ServerTime } from "./server-time";
import { Store } from "./store";
import { FROM_LEFT_LOG, NOT_OURS } from "./transports/transport";
import { WatchList } from "./watch-list";

export interface LiveClient {
  /** For charts, whose data is more than the newest points. */
  readonly charts: ChartSource;
  /**
   * Takes in what a page was rendered from (R2, R3): per channel only what is newer, from another log only when
   * that log was never left and the page is the newest thing seen. Safe during a render.
   */
  seed(page: PageSnapshot): void;
  /**
   * Watches channels until the returned function is called. All watches together make one subscription.
   * `cadence` (ms) is the interval of plain polling, at least 5 s.
   */
  watch(channels: readonly string[], transport?: Choice, cadence?: number): () => void;
  /** The viewer's own choice of transport, kept between visits; it goes before those of pages. */
  prefer(choice: Choice): void;
  preference(): Choice;
  /** To save data: one frame a second at most (H7), from now on and on whatever transport comes. */
  spare(isSparse: boolean): void;
  channel(name: string): ChannelState | undefined;
  /** `[source time ms, value]`, oldest first; the same array until there is a new point. */
  series(channel: string, metric: string): readonly Point[];
  /**
   * Tells when a topic changed: a channel's name (its state and points), `connection` (the view and the
   * ledger), or `clock` (once a second while the page is visible).
   */
  subscribe(topic: string, listener: () => void): () => void;
  connection(): ConnectionView;
  ledger(): readonly Gap[];
  /** ms; `undefined` until the server has told it, and after waking. */
  serverNow(): number | undefined;
  diagnostics(): Diagnostics;
  start(): void;
  stop(): void;
}

/** Repeated from protocol.ts, which brings zod. */
export const MAX_PAGE = 200;

export function createLiveClient(environment: ClientEnvironment): LiveClient {
  return new Client(environment);
}

class Client implements LiveClient {
  private ladder: Ladder;
  private reading: Reading = NOTHING_READ;
  private view: ConnectionView = INITIAL_VIEW;
  private gaps: readonly Gap[] = [];
  private latencies: Latencies = [];
  private latencyMs: number | undefined;
  readonly charts: ChartSource;
  readonly spare = (isSparse: boolean) => this.rungs.spare(isSparse);
  private readonly time: ServerTime;
  private readonly store: Store;
  private readonly watches: WatchList;
  private readonly secondHand: SecondHand;
  private readonly rungs: OpenRungs;
  private readonly events: LadderEvent[] = [];
  private isDispatching = false;
  private alarm: { at: number; cancel: () => void } | undefined;
  /** Set until a frame after which there is no more. */
  private behind: Behind | undefined = "way-back";
  private delayedSince: number | undefined;
  /** The last sign of life, ms on the server's clock where it is known. */
  private lastHeard = 0;
  private ends: (() => void)[] = [];

  constructor(private readonly environment: ClientEnvironment) {
    const { memory } = environment;
    const remembered = RUNGS.find((rung) => rung === memory.read("transport"));
    const preferred = CHOICES.find((choice) => choice === memory.read("choice"));
    this.ladder = initialLadder(remembered);
    this.time = new ServerTime(environment);
    this.store = new Store((commit) => onNextRepaint(environment, commit));
    this.charts = chartSource(environment, this.store, this.time, (topic, listener) =>
      this.subscribe(topic, listener),
    );
    this.rungs = new OpenRungs(environment.transports, () => this.time.stamp(), {
      subscription: () => ({
        ...subscription(this.reading),
        page: environment.page().slice(0, MAX_PAGE),
      }),
      pollMs: () => this.ladder.pollMs,
      // After a sleep everything is opened anew: what was open may be dead, and what it says is from before.
      frame: (rung, frame, asked) => this.hasSlept() || this.onFrame(rung, frame, asked),
      alive: (rung, date) => this.hasSlept() || this.onAlive(rung, date),
      failed: (rung, failure) => this.hasSlept() || this.dispatch({ type: "failed", rung, failure }),
    });
    this.watches = new WatchList(environment.after, () => this.resubscribe(), preferred);
    this.secondHand = new SecondHand(
      environment,
      (dueAt) => {
        this.hasSlept(dueAt);
        this.store.tell(["clock"]);
      },
      () => this.ends.length > 0 && this.store.hasListeners("clock"),
    );
  }

  // ── What pages and hooks call ─────────────────────────────────────────────────────────────────────────

  seed(page: PageSnapshot): void {
    const { reading, snapshot, accepted, newEpoch } = adopt(this.reading, page.frame, this.time.newest);
    if (!accepted) return;
    this.reading = reading;
    this.time.note(page.frame.now);
    this.store.seed(snapshot, page.series, newEpoch);
    if (newEpoch) queueMicrotask(() => this.rungs.refresh());
  }

  watch(channels: readonly string[], transport?: Choice, cadence?: number): () => void {
    return this.watches.add({ channels, transport, cadence });
  }

  prefer(choice: Choice): void {
    this.environment.memory.write("choice", choice === "auto" ? null : choice);
    this.watches.prefer(choice);
  }

  preference(): Choice {
    return this.watches.preference;
  }

  channel(name: string): ChannelState | undefined {
    return this.store.channel(name);
  }

  series(channel: string, metric: string): readonly Point[] {
    return this.store.points(channel, metric);
  }

  subscribe(topic: string, listener: () => void): () => void {
    const off = this.store.subscribe(topic, listener);
    this.secondHand.update();
    return () => {
      off();
      this.secondHand.update();
    };
  }

  connection(): ConnectionView {
    return this.view;
  }

  ledger(): readonly Gap[] {
    return this.gaps;
  }

  serverNow(): number | undefined {
    return this.time.now();
  }

  diagnostics(): Diagnostics {
    return {
      at: this.environment.wall(),
      serverNow: this.serverNow(),
      userAgent: this.environment.userAgent,
      connection: this.view,
      sparse: this.rungs.isSparse,
      ladder: this.ladder,
      reading: this.reading,
      ledger: this.gaps,
      trials: this.rungs.trials,
    };
  }

  start(): void {
    if (this.ends.length > 0) return;
    const { environment } = this;
    const parking = watchParking(environment, {
      park: (reason) => this.dispatch({ type: "park", reason }),
      unpark: (reason) => this.dispatch({ type: "unpark", reason }),
    });
    this.ends = [
      parking.stop,
      environment.on("hidden", () => this.secondHand.update()),
      environment.on("visible", () => {
        this.secondHand.update();
        this.store.tell(["clock"]);
      }),
    ];
    this.secondHand.update();
    this.dispatch({ type: "start", reasons: [...parking.reasons, "unwatched"] });
    // React's strict mode starts, stops and starts again in one go: only the last word counts.
    queueMicrotask(() => this.resubscribe());
  }

  stop(): void {
    for (const end of this.ends) end();
    this.ends = [];
    this.secondHand.update();
    this.dispatch({ type: "stop" });
  }

  // ── The subscription ──────────────────────────────────────────────────────────────────────────────────

  private resubscribe(): void {
    const { channels, choice, pollMs } = this.watches.wanted();
    if (channels.length === 0) {
      this.dispatch({ type: "park", reason: "unwatched" });
      return;
    }
    const before = this.reading;
    this.reading = resubscribe(before, channels);
    if (this.reading !== before) this.rungs.refresh();
    this.dispatch({ type: "fix", choice, pollMs });
    this.dispatch({ type: "unpark", reason: "unwatched" });
  }

  // ── The ladder ────────────────────────────────────────────────────────────────────────────────────────

  private dispatch(event: LadderEvent): void {
    if (!this.isDispatching) this.hasSlept();
    this.events.push(event);
    if (this.isDispatching) return;
    this.isDispatching = true;
    for (let next = this.events.shift(); next; next = this.events.shift()) this.step(next);
    this.isDispatching = false;
    this.arm();
    this.updateView();
  }

  private step(event: LadderEvent): void {
    const before = this.ladder;
    const now = this.environment.mono();
    this.ladder = transition(before, event, { now, random: this.environment.random() });
    if (this.ladder === before) return;
    if (before.name === "live" && this.ladder.name !== "live") this.behind = "way-back";
    this.rungs.reconcile(openRungs(this.ladder));
    if (this.ladder.name !== "live") return;
    const { rung } = this.ladder.opening;
    if (before.name === "live" && before.opening.rung === rung) return;
    this.rungs.note(rung, "delivered");
    if (this.ladder.choice === "auto") this.environment.memory.write("transport", rung);
  }

  /** An alarm that is early enough stays: frames move the deadline all the time, and it only looks. */
  private arm(): void {
    const at = nextDeadline(this.ladder);
    if (at !== undefined && this.alarm && this.alarm.at <= at) return;
    this.alarm?.cancel();
    this.alarm = undefined;
    if (at === undefined) return;
    const wait = Math.max(0, at - this.environment.mono());
    const cancel = this.environment.after(wait, () => {
      this.alarm = undefined;
      if (!this.hasSlept(at)) this.dispatch({ type: "tick" });
    });
    this.alarm = { at, cancel };
  }

  /** Did time pass unnoticed? Then the server's now is unknown until the next frame (C7). */
  private hasSlept(dueAt = this.environment.mono()): boolean {
    if (!this.time.hasPassedUnnoticed(dueAt)) return false;
    this.dispatch({ type: "woke" });
    return true;
  }

  // ── Frames ────────────────────────────────────────────────────────────────────────────────────────────

  private onFrame(rung: Rung, frame: Frame, asked?: Cursor): void {
    if (frame.now !== undefined) {
      this.time.sample(frame.now);
      // Only frames with the clock speak for the log (F4).
      this.delayedSince = frame.log?.delayedSince;
      this.latencyMs = medianLatency(this.latencies, this.environment.mono());
    }
    const received = receive(this.reading, frame, asked);
    const { outcome } = received;
    if (outcome === "left" || outcome === "malformed") {
      this.dispatch({ type: "failed", rung, failure: outcome === "left" ? FROM_LEFT_LOG : NOT_OURS });
      return;
    }
    if (received.outcome === "applied") {
      if (frame.more && !this.behind) this.fallBehind(asked === undefined ? "slow" : "way-back");
      this.accept(received);
    }
    if (received.outcome === "gap") {
      this.behind = "lost-frame";
      this.rungs.reread(rung);
    } else if (received.outcome !== "foreign") {
      if (!frame.more) this.behind = undefined;
      this.rungs.follows(rung);
    }
    this.lastHeard = this.time.stamp();
    this.dispatch({ type: "heard", rung });
  }

  private onAlive(rung: Rung, date?: number): void {
    if (date !== undefined) this.time.sampleDate(date);
    // "Nothing new" is only said by a server that has confirmed its log (T3).
    this.delayedSince = undefined;
    this.behind = undefined;
    this.rungs.follows(rung);
    this.lastHeard = this.time.stamp();
    this.dispatch({ type: "heard", rung });
  }

  /** The interruption begins before the frame that shows it, so that its updates count as missed. */
  private fallBehind(why: Behind): void {
    this.behind = why;
    this.updateView();
  }

  private accept(received: Extract<Received, { outcome: "applied" }>): void {
    const { reading, updates, snapshot, whole, newLog } = received;
    const { epoch, sub } = this.reading;
    const replacesLog = newLog && epoch !== undefined;
    this.gaps = noteFrame(this.gaps, {
      committed: updates.map(commitTime),
      whole,
      replacesLog,
      now: this.time.stamp(),
      transport: this.view.transport,
    });
    const newest = updates.at(-1);
    if (newest) this.time.note(commitTime(newest));
    const now = this.time.now();
    if (newest && now !== undefined && !this.behind)
      this.latencies = addLatency(this.latencies, this.environment.mono(), now - commitTime(newest));
    this.reading = reading;
    this.store.receive(updates, snapshot, replacesLog);
    // The log went back: what is still on its way answers the subscription to the lost entries.
    if (reading.sub !== sub) this.rungs.refresh();
  }

  // ── The view ──────────────────────────────────────────────────────────────────────────────────────────

  private updateView(): void {
    const now = this.time.stamp();
    const before = this.view;
    const gapsBefore = this.gaps;
    const { behind, delayedSince } = this;
    const status = statusOf(this.ladder, { catchingUp: behind !== undefined, delayedSince });
    // What had not got to the head yet can be interrupted too.
    const wasDelivering = before.status === "live" || (before.status === "catching-up" && before.transport);
    if (status === "live") this.gaps = endGap(this.gaps, now);
    else if (wasDelivering) this.beginGap(ladderWhy(this.ladder, { delayedSince, behind }));
    const unchanged = status === before.status ? before.since : undefined;
    const since = openGap(this.gaps)?.from ?? unchanged ?? now;
    const view = {
      status,
      since,
      latencyMs: this.latencyMs,
      ...viewLadder(this.ladder, this.time.instant()),
    };
    if (!sameView(before, view)) this.view = view;
    else if (this.gaps === gapsBefore) return;
    this.store.tell(["connection"]);
  }

  private beginGap(why: GapReason | undefined): void {
    if (why === undefined) return;
    const from = why === "log-delayed" ? (this.delayedSince ?? this.lastHeard) : this.lastHeard;
    this.gaps = beginGap(this.gaps, { from, why, transport: this.view.transport });
  }
}
