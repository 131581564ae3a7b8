import { type Bucket, bucketStart } from "@/lib/shared/buckets";
import type { MetricType } from "@/lib/shared/define-channel";
import { CHART_POINTS, FINE, type Grain, type History, type Outage, stepFor } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import { compareShift, type Span, spanAt, type TimeRange, widthOf } from "@/lib/shared/time-range";
import { BucketSeries, bucketsOf } from "./bucket-series";
import { earlierBuckets, isAnswered, lastBefore, outagesOf } from "./chart-history";
import type { ChartSource } from "./chart-source";
import type { HistoryRequest } from "./history-loader";
import type { Hole } from "./store";

/** Faster than this nobody reads a chart, and slower than that it does not move, ms. */
const REPAINT_MS = { least: 250, most: 1000 };
/** The right edge moves in steps, so that the charts of a page slide together, ms. */
const SLIDE_MS = 1000;
/** Time does not go back on a chart, unless the server's clock was so much ahead that it would stand still, ms. */
const MOST_AHEAD_MS = 60_000;
/** A window this narrow shows every step as a jump. */
const NARROW_MS = 60_000;
/** A reading that is so much older than what was loaded is in the archive only; it is loaded anew, so long after, ms. */
const LATE_MS = 5000;
/** Late readings go into the archive: what stands still is asked for again after this, ms. */
const REFRESH_MS = 5 * 60_000;
/** The archive may not have what a snapshot jumped over yet: it is asked again so often, after so long, ms. */
const HOLE_ATTEMPTS = 5;
const HOLE_WAIT_MS = 2000;
/** What is compared with lies in the past, so some more of it is loaded at once, ms. */
const AHEAD_MS = 10 * 60_000;

export interface ChartMetric {
  channel: string;
  metric: string;
  type?: MetricType;
}

/** What a chart shows at one moment; it never changes. Times in ms. */
export interface ChartPicture {
  span: Span;
  /** The server's now as far as it is known. */
  now: number;
  step: number;
  /** For each metric its buckets, oldest first. */
  lines: readonly (readonly Bucket[])[];
  /** The same for what they are compared with, moved to where it is drawn. */
  before?: readonly (readonly Bucket[])[];
  outages: readonly Outage[];
  /** What is not known here yet: it is being loaded, or could not be. */
  unknown: readonly Span[];
  status: "ready" | "loading" | "failed";
  /** Why it could not be loaded. */
  problem?: string;
}

export interface ChartDataOptions {
  metrics: readonly ChartMetric[];
  range: TimeRange;
  /** As fine as a line is drawn by default. */
  grain?: Grain;
  /** The server's now when the page was rendered, ms. */
  now: number;
  /** What there is to begin with: the readings at hand, and what the server loaded, in the order of its requests. */
  series(channel: string, metric: string): readonly Point[];
  initial?: readonly History[];
}

/**
 * The data of one chart: the archive's buckets, and what came since. Readings are folded in as they arrive, so an
 * update costs the same whatever the window; what was jumped over is asked of the archive.
 */
export class ChartData {
  private readonly metrics: readonly ChartMetric[];
  private readonly range: TimeRange;
  private readonly grain: Grain;
  private readonly channels: readonly string[];
  private readonly shift: number | undefined;
  private histories = new Map<string, History>();
  private earlier = new Map<string, History>();
  private lines: BucketSeries[] = [];
  private step: number;
  private now: number;
  private holes: Hole[] = [];
  private readonly seen = new Map<string, Hole | undefined>();
  private problem: string | undefined;
  private source: ChartSource | undefined;
  private cancelLoad: (() => void) | undefined;
  private cancelRetry = () => {};
  private cancelRepaint: (() => void) | undefined;
  private loadedAt = 0;
  /** The archive has more than was loaded. */
  private isLate = false;
  private lateWait = LATE_MS;
  private holeAttempts = 0;
  private paintedAt = Number.NEGATIVE_INFINITY;
  private isShown = true;
  private isDirty = false;
  private shown: ChartPicture;
  private readonly listeners = new Set<() => void>();

  constructor({ metrics, range, grain = FINE, now, series, initial = [] }: ChartDataOptions) {
    this.metrics = metrics;
    this.range = range;
    this.grain = grain;
    this.now = now;
    this.channels = [...new Set(metrics.map(({ channel }) => channel))];
    this.shift = compareShift(range);
    this.step = stepFor(widthOf(range) + grain.lead, grain.points);
    this.take(initial.slice(0, this.channels.length));
    for (const history of initial.slice(this.channels.length)) this.earlier.set(history.channel, history);
    this.rebuild(series);
    this.shown = this.draw();
  }

  /** Begins to follow the client. Returns the way to stop. */
  start(source: ChartSource): () => void {
    this.source = source;
    const stops = this.channels.flatMap((channel) => [
      source.onReading(channel, (metric, point) => this.fold(channel, metric, point)),
      source.subscribe(channel, () => this.lookForHoles(channel)),
    ]);
    stops.push(source.subscribe("clock", () => this.tick()));
    for (const channel of this.channels) this.seen.set(channel, source.hole(channel));
    this.rebuild(source.series);
    this.loadedAt = source.mono();
    // What the server loaded may lack what had come just before.
    for (const { until } of this.histories.values()) this.isLate ||= until < this.now - LATE_MS;
    const isBroken = this.channels.some((channel) => (source.hole(channel)?.to ?? 0) > this.span.from);
    if (!this.isCovered() || (isBroken && this.histories.size === 0)) this.load();
    this.repaint();
    return () => {
      for (const stop of stops) stop();
      this.cancelLoad?.();
      this.cancelLoad = undefined;
      this.cancelRetry();
      this.cancelRepaint?.();
      this.cancelRepaint = undefined;
      this.source = undefined;
    };
  }

  /** The same picture until the listeners are told. */
  readonly picture = (): ChartPicture => this.shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** What is off the screen is not drawn; it is up to date when it comes back. */
  show(isShown: boolean): void {
    this.isShown = isShown;
    if (isShown && this.isDirty) this.change();
  }

  private get span(): Span {
    return spanAt(this.range, this.now);
  }

  /** From where on readings are wanted, ms. */
  private get reach(): number {
    return this.span.from - this.grain.lead;
  }

  // ── Readings ──────────────────────────────────────────────────────────────────────────────────────────

  private fold(channel: string, metric: string, point: Point): void {
    if (!this.isNew(channel, metric, point)) {
      const until = this.histories.get(channel)?.until ?? 0;
      this.isLate ||= point[0] < until - LATE_MS && point[0] >= this.span.from && point[0] < this.span.to;
      return;
    }
    this.metrics.forEach((known, i) => {
      if (known.metric === metric && known.channel === channel) this.lines[i]?.add(point);
    });
    this.change();
  }

  /** Neither in the archive's answer already, nor outside what is shown. */
  private isNew(channel: string, metric: string, [ts]: Point): boolean {
    const history = this.histories.get(channel);
    const { fixed } = this.range;
    const isKnown = history !== undefined && isAnswered(history, metric, ts);
    return !isKnown && (!fixed || (ts >= this.reach && ts < fixed.to));
  }

  /** Begins anew from the archive's answer and the readings at hand. */
  private rebuild(series: ChartDataOptions["series"]): void {
    const from = bucketStart(this.reach, this.step);
    this.lines = this.metrics.map(({ channel, metric, type }) => {
      const history = this.histories.get(channel);
      const known = history?.metrics[metric];
      const points = series(channel, metric);
      const isWanted = (point: Point) => point[0] >= from && this.isNew(channel, metric, point);
      const line = new BucketSeries(
        this.step,
        known && history ? bucketsOf(known, history) : [],
        type === "counter" ? { before: lastBefore(points, isWanted) } : undefined,
      );
      for (const point of points) if (isWanted(point)) line.add(point);
      return line;
    });
  }

  // ── What was jumped over ──────────────────────────────────────────────────────────────────────────────

  private lookForHoles(channel: string): void {
    const hole = this.source?.hole(channel);
    if (hole === this.seen.get(channel)) return;
    this.seen.set(channel, hole);
    if (!hole || hole.to <= this.span.from || (this.range.fixed && hole.from >= this.range.fixed.to)) return;
    this.holes.push(hole);
    this.holeAttempts = 0;
    this.load();
  }

  /** Do the readings at hand and what was loaded reach back to the left edge? */
  private isCovered(): boolean {
    if (this.channels.every((channel) => this.histories.has(channel))) return !this.needsEarlier();
    const { lead } = this.grain;
    // A bar has to be whole: half of it would be a wrong number.
    const enough = lead > 0 ? this.reach : this.reach + 2 * this.step;
    return !this.range.fixed && this.knownFrom() <= enough && !this.needsEarlier();
  }

  /** The oldest reading at hand, ms; of several metrics, the one that reaches back least. */
  private knownFrom(): number {
    const oldest = this.lines.map((line) => line.read()[0]?.at ?? Number.POSITIVE_INFINITY);
    return Math.max(...oldest);
  }

  private needsEarlier(): boolean {
    if (this.shift === undefined) return false;
    const to = this.span.to - this.shift;
    return this.channels.some((channel) => (this.earlier.get(channel)?.to ?? 0) < to);
  }

  // ── Loading ───────────────────────────────────────────────────────────────────────────────────────────

  private load(): void {
    const { source } = this;
    if (!source) return;
    this.cancelLoad?.();
    this.cancelRetry();
    this.cancelLoad = source.loadHistory(() => this.requests(), {
      loaded: (histories) => {
        this.cancelLoad = undefined;
        this.problem = undefined;
        this.loadedAt = source.mono();
        this.isLate = false;
        this.receive(histories);
      },
      failed: (message, retries) => {
        if (!retries) this.cancelLoad = undefined;
        this.loadedAt = source.mono();
        this.problem = message;
        this.repaint();
      },
    });
    this.repaint();
  }

  private requests(): HistoryRequest[] {
    this.advance();
    const { reach: from } = this;
    // What lies in the future has no past yet.
    const to = Math.min(this.span.to, this.now + AHEAD_MS / 10);
    const spans: Span[] = [{ from, to }];
    if (this.shift !== undefined) {
      const ahead = this.range.fixed ? 0 : Math.min(this.shift, AHEAD_MS);
      spans.push({ from: from - this.shift, to: to - this.shift + ahead });
    }
    return spans.flatMap((span) =>
      this.channels.map((channel) => ({
        channel,
        metrics: this.metrics.filter((known) => known.channel === channel).map(({ metric }) => metric),
        ...span,
        points: this.grain.points,
      })),
    );
  }

  /** The answers are in the order of the requests. */
  private receive(histories: readonly History[]): void {
    const { source } = this;
    if (!source) return;
    this.take(histories.slice(0, this.channels.length));
    for (const history of histories.slice(this.channels.length)) this.earlier.set(history.channel, history);
    const until = Math.min(...[...this.histories.values()].map((history) => history.until));
    this.holes = this.holes.filter((hole) => hole.to > until);
    this.rebuild(source.series);
    this.repaint();
    this.holeAttempts += 1;
    if (this.holes.length > 0 && this.holeAttempts < HOLE_ATTEMPTS)
      this.cancelRetry = source.after(HOLE_WAIT_MS, () => this.load());
  }

  private take(histories: readonly History[]): void {
    for (const history of histories) {
      this.histories.set(history.channel, history);
      this.step = history.step;
    }
  }

  // ── The picture ───────────────────────────────────────────────────────────────────────────────────────

  private tick(): void {
    const age = (this.source?.mono() ?? 0) - this.loadedAt;
    const wait = this.isLate ? this.lateWait : REFRESH_MS;
    const isStale = (this.histories.size > 0 || this.problem !== undefined || this.isLate) && age > wait;
    // What is late all the time is not asked for all the time.
    if (isStale && this.isLate) this.lateWait = Math.min(REFRESH_MS, 4 * this.lateWait);
    if (this.cancelLoad === undefined && (isStale || this.needsEarlier())) this.load();
    this.advance();
    this.trim();
    if (this.now <= this.span.to) this.change();
  }

  /** Also what is not drawn must not grow. */
  private trim(): void {
    if (!this.range.fixed) for (const line of this.lines) line.trim(this.reach - this.step);
  }

  private change(): void {
    this.isDirty = true;
    const { source } = this;
    if (!source || !this.isShown || this.cancelRepaint) return;
    // Between two paints it moves by about a bucket, which is as wide as a pixel.
    const pace = Math.min(REPAINT_MS.most, Math.max(REPAINT_MS.least, widthOf(this.range) / CHART_POINTS));
    // On common multiples of the clock, so that the charts of a page share frames.
    const wait = (Math.floor(this.paintedAt / pace) + 1) * pace - source.mono();
    const paint = () => {
      this.cancelRepaint = source.paint(() => this.repaint());
    };
    if (wait <= 0) paint();
    else this.cancelRepaint = source.after(wait, paint);
  }

  private repaint(): void {
    this.cancelRepaint?.();
    this.cancelRepaint = undefined;
    if (!this.isShown) {
      this.isDirty = true;
      return;
    }
    this.isDirty = false;
    this.paintedAt = this.source?.mono() ?? this.paintedAt;
    this.advance();
    this.shown = this.draw();
    for (const listener of [...this.listeners]) listener();
  }

  /** While the server's now is unknown, the right edge stays where it was. */
  private advance(): void {
    const now = this.source?.serverNow();
    if (now === undefined) return;
    const slide = this.range.window.ms <= NARROW_MS ? REPAINT_MS.least : SLIDE_MS;
    const next = Math.ceil(now / slide) * slide;
    const isBack = this.now - next > MOST_AHEAD_MS;
    // What was dropped meanwhile is wanted again.
    this.isLate ||= isBack;
    this.now = isBack ? next : Math.max(this.now, next);
  }

  private draw(): ChartPicture {
    const { span, step, shift } = this;
    this.trim();
    const histories = [...this.histories.values()];
    const before =
      shift === undefined || this.earlier.size === 0
        ? undefined
        : this.metrics.map(({ channel, metric }) => earlierBuckets(this.earlier.get(channel), metric, shift));
    return {
      span,
      now: this.now,
      step,
      lines: this.lines.map((line) => line.read()),
      before,
      outages: outagesOf(histories, span),
      unknown: this.unknown(),
      status: this.problem !== undefined ? "failed" : this.cancelLoad ? "loading" : "ready",
      problem: this.problem,
    };
  }

  private unknown(): Span[] {
    const { from, to } = this.span;
    const holes = this.holes.filter((hole) => hole.to > from && hole.from < to);
    if (this.histories.size > 0 || !(this.cancelLoad || this.problem !== undefined)) return holes;
    const known = Math.min(to, this.knownFrom());
    return known - from > 2 * this.step ? [{ from, to: known }, ...holes] : holes;
  }
}
