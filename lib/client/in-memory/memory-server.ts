/**
 * A server in memory for one client: tests script it, and the gallery shows with it what widgets look like when the
 * real one is late, silent or gone. The client does not know the difference: it reads the same frames.
 */
import { compareIds, formatCursor, nextId, parseCursor } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { Frame, PageSnapshot, Point, SeriesByChannel, Subscribe } from "@/lib/shared/protocol";
import { pointsOf } from "@/lib/shared/series";
import { apply, type Change, type ChannelState, emptyState, type Update } from "@/lib/shared/state";
import type { ClientEnvironment } from "../environment";
import { type Failure, RUNGS, type Rung } from "../ladder-state";
import type { After, OpenTransport, TransportLink } from "../transports/transport";
import { answerFromMemory } from "./memory-archive";

/** How a rung behaves from its next opening on. `flaky`: it delivers its first frame, then breaks. */
type Behaviour = "works" | "mute" | "refuses" | "overloaded" | "flaky" | "portal";

const FAILURES: Record<"refuses" | "portal" | "overloaded", Failure> = {
  refuses: { reason: "closed", answered: false, message: "The connection was closed" },
  portal: { reason: "not-ours", answered: false, message: "Something else answered" },
  overloaded: {
    reason: "refused",
    answered: true,
    code: "overloaded",
    retryAfterMs: 5000,
    message: "Too much work is waiting",
  },
};

const LATENCY_MS = 20;
const BEAT_MS = 10_000;
const HOLD_MS = 10_000;
/** The most updates that are kept: a gallery may be open all day. */
const MAX_LOG = 4000;

interface Stream {
  rung: Rung;
  link: TransportLink;
  sub: Subscribe;
  /** The `to` last sent; absent before the first frame. */
  sentTo?: string;
}

/** The time that the server and the network run on. */
interface World {
  /** ms since 1970. */
  wall(): number;
  after: After;
}

/** The wire's rules (F1–F4) over a log in memory. */
export class MemoryServer {
  epoch = "aaaa";
  /** Server time minus the browser's wall clock, ms. */
  skew = 0;
  delayedSince: number | undefined;
  readonly behaviour: Record<Rung, Behaviour> = {
    socket: "works",
    sse: "works",
    "long-poll": "works",
    poll: "works",
  };
  /** Every opening and refresh, oldest first. */
  readonly asked: { rung: Rung; request: Subscribe }[] = [];
  readonly opened: Rung[] = [];
  readonly streams = new Set<Stream>();
  /** For the environment of a client. */
  readonly transports = Object.fromEntries(RUNGS.map((rung) => [rung, this.transport(rung)])) as Record<
    Rung,
    OpenTransport
  >;
  private readonly definitions: ReadonlyMap<string, Channel>;
  private log: Update[] = [];
  /** What channels held before the oldest update that is kept. */
  private readonly earlier = new Map<string, ChannelState>();
  private head = "0-0";
  private floor = "0-0";
  private lose = 0;

  constructor(
    private readonly world: World,
    channels: readonly Channel[],
  ) {
    this.definitions = new Map(channels.map((channel) => [channel.name, channel]));
  }

  /** For the environment of a client: the archive's answers, while there is a network. */
  readonly fetch: ClientEnvironment["fetch"] = async (url) => {
    if (this.behaviour.poll !== "works") throw new TypeError("There is no network");
    return answerFromMemory(url, (channel, metric) => this.points(channel)[metric] ?? [], this.now);
  };

  get now(): number {
    return Math.floor(this.world.wall()) + this.skew;
  }

  get rungs(): Rung[] {
    return [...this.streams].map(({ rung }) => rung);
  }

  publish(ch: string, change: Change): Update {
    this.head = nextId(this.head, this.now);
    const update = { id: this.head, ch, ...change };
    this.log.push(update);
    if (this.log.length > MAX_LOG) this.forget();
    const isLost = this.lose > 0;
    if (isLost) this.lose -= 1;
    for (const stream of this.streams) this.push(stream, isLost);
    return update;
  }

  /** The next frame is lost on the way, to everybody. */
  loseNextFrame(): void {
    this.lose = 1;
  }

  /** Nothing gets through, on any transport. */
  disconnect(): void {
    for (const rung of RUNGS) this.behaviour[rung] = "refuses";
    this.breakAll();
  }

  reconnect(): void {
    for (const rung of RUNGS) this.behaviour[rung] = "works";
  }

  /** Everything that is open breaks. */
  breakAll(): void {
    for (const { link } of [...this.streams]) link.failed(FAILURES.refuses);
  }

  /** The log is lost: another one begins. */
  flushAll(epoch: string): void {
    this.epoch = epoch;
    this.log = [];
    this.earlier.clear();
    this.floor = "0-0";
    this.head = nextId("0-0", this.now);
    for (const stream of this.streams) {
      if (stream.sentTo === undefined) continue;
      stream.sentTo = this.head;
      if (this.behaviour[stream.rung] === "works") this.later(stream, this.snapshot(stream.sub.channels));
    }
  }

  /** Forgets all but the newest updates. */
  trim(): void {
    this.floor = this.head;
  }

  state(channel: string): ChannelState {
    return this.log.filter(({ ch }) => ch === channel).reduce(apply, this.start(channel));
  }

  /** What the server renders a page from; with the readings of its record channels, if wanted. */
  page(names: readonly string[], withSeries = false): PageSnapshot {
    const { to, snapshot } = this.snapshot(names);
    const series: SeriesByChannel = withSeries
      ? Object.fromEntries(names.map((name) => [name, this.points(name)]))
      : {};
    return structuredClone({ frame: { to, snapshot: snapshot!, now: this.now }, series });
  }

  send(frame: Frame): void {
    for (const { link } of this.streams) link.frame(frame);
  }

  /** Drops the older half of the log. */
  private forget(): void {
    for (const update of this.log.splice(0, MAX_LOG / 2)) {
      this.earlier.set(update.ch, apply(this.start(update.ch), update));
      if (compareIds(update.id, this.floor) > 0) this.floor = update.id;
    }
  }

  private start(channel: string): ChannelState {
    return this.earlier.get(channel) ?? emptyState(this.definition(channel));
  }

  private definition(channel: string): Channel {
    const definition = this.definitions.get(channel);
    if (!definition) throw new Error(`There is no channel "${channel}" here`);
    return definition;
  }

  /** The readings of each metric, oldest first. */
  private points(channel: string): Record<string, Point[]> {
    const series: Record<string, Point[]> = {};
    let state = this.start(channel);
    for (const update of this.log) {
      if (update.ch !== channel) continue;
      state = apply(state, update);
      if (state.kind !== "record") continue;
      for (const [metric, point] of pointsOf(update, state)) {
        series[metric] ??= [];
        series[metric].push(point);
      }
    }
    return series;
  }

  private snapshot(names: readonly string[]): Frame {
    const snapshot = Object.fromEntries(names.map((name) => [name, this.state(name)]));
    return { to: formatCursor(this.epoch, this.head), snapshot, ...this.clock() };
  }

  private read({ channels: names, cursor, fresh, sub }: Subscribe): Frame {
    const from = parseCursor(cursor);
    const isGone =
      !from ||
      from.epoch !== this.epoch ||
      compareIds(from.id, this.head) > 0 ||
      compareIds(from.id, this.floor) < 0;
    if (isGone) return { ...this.snapshot(names), sub };
    const updates = this.log.filter(
      ({ id, ch }) => names.includes(ch) && !fresh?.includes(ch) && compareIds(id, from.id) > 0,
    );
    const snapshot = fresh && Object.fromEntries(fresh.map((name) => [name, this.state(name)]));
    return { from: cursor, to: formatCursor(this.epoch, this.head), updates, snapshot, sub, ...this.clock() };
  }

  private clock() {
    return {
      now: this.now,
      ...(this.delayedSince !== undefined && { log: { delayedSince: this.delayedSince } }),
    };
  }

  private push(stream: Stream, isLost: boolean): void {
    if (stream.sentTo === undefined || stream.rung === "poll") return;
    const cursor = formatCursor(this.epoch, stream.sentTo);
    const { now: _now, log: _log, ...frame } = this.read({ ...stream.sub, cursor, fresh: undefined });
    if (!frame.updates?.length) return;
    stream.sentTo = this.head;
    if (!isLost && this.behaviour[stream.rung] === "works") this.later(stream, frame);
  }

  private later(stream: Stream, frame: Frame): void {
    const copy = structuredClone({ ...frame, sub: stream.sub.sub });
    this.world.after(LATENCY_MS, () => this.streams.has(stream) && stream.link.frame(copy));
  }

  private transport(rung: Rung): OpenTransport {
    return (link) => {
      let stream: Stream | undefined;
      this.opened.push(rung);
      const start = () => {
        const sub = structuredClone(link.subscription());
        this.asked.push({ rung, request: sub });
        const mine: Stream = { rung, link, sub };
        stream = mine;
        this.streams.add(mine);
        this.world.after(LATENCY_MS, () => this.streams.has(mine) && this.answer(mine));
      };
      const stop = () => {
        if (stream) this.streams.delete(stream);
      };
      start();
      return {
        refresh() {
          stop();
          start();
        },
        close: stop,
      };
    };
  }

  private answer(stream: Stream): void {
    const { rung, link } = stream;
    const behaviour = this.behaviour[rung];
    if (behaviour === "mute") return;
    if (behaviour !== "works" && behaviour !== "flaky") {
      link.failed(FAILURES[behaviour]);
      return;
    }
    stream.sentTo = this.head;
    link.frame(structuredClone(this.read(stream.sub)));
    if (behaviour === "flaky")
      this.world.after(500, () => this.streams.has(stream) && link.failed(FAILURES.refuses));
    else if (rung === "poll") this.poll(stream);
    else this.beat(stream);
  }

  private poll(stream: Stream): void {
    this.world.after(stream.link.pollMs(), () => {
      if (!this.streams.has(stream) || this.behaviour.poll !== "works") return;
      stream.sub = structuredClone(stream.link.subscription());
      stream.link.frame(structuredClone(this.read(stream.sub)));
      this.poll(stream);
    });
  }

  private beat(stream: Stream): void {
    this.world.after(stream.rung === "long-poll" ? HOLD_MS : BEAT_MS, () => {
      if (!this.streams.has(stream)) return;
      // What a network swallows has been sent all the same.
      const isHeard = this.behaviour[stream.rung] === "works";
      const from = formatCursor(this.epoch, stream.sentTo ?? this.head);
      const to = formatCursor(this.epoch, this.head);
      if (isHeard && stream.rung === "long-poll" && from === to) stream.link.alive();
      else if (isHeard) stream.link.frame({ from, to, updates: [], sub: stream.sub.sub, ...this.clock() });
      stream.sentTo = this.head;
      this.beat(stream);
    });
  }
}
