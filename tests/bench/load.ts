import { type Channel, defineChannel } from "@/lib/shared/define-channel";
import type { Change, ChannelState } from "@/lib/shared/state";
import { wallNow } from "./clock";

/** What is published while a scenario runs. */
export interface Load {
  /** `record`: 20 metrics, of which 6 change. `feed`: one item of 8 kB. */
  kind: "record" | "feed";
  channels: number;
  /** Updates per second of each channel. */
  perSecond: number;
  /** Channels are due evenly spread over the interval, or all together. */
  staggered: boolean;
}

/** One update as it is due. Its running number, from 1 in each channel, is the metric or field `number`. */
export interface Due {
  channel: string;
  /** When it was due (ms): waiting that the server causes counts as latency (coordinated omission). */
  due: number;
  /** What changed, as Nowboard's producers say it. */
  change: Change;
  /** What an application sends that knows no changes: the whole current values. */
  whole: { values: Record<string, number> } | { item: { number: number; text: string } };
}

/** channel → its last running number. */
export type Numbers = Record<string, number>;

const METRICS = Array.from({ length: 19 }, (_, i) => `metric${String(i + 2).padStart(2, "0")}`);
/** Beside the number, so that 6 of 20 change: 30 %. */
const CHANGING = 5;
const TEXT = "nowboard".repeat(1000);
/** A schedule that fell behind publishes at most this much at a time, so that calls are still answered. */
const BATCH = 200;

export function channelNames({ channels }: Load): string[] {
  return Array.from({ length: channels }, (_, i) => `bench-${i + 1}`);
}

export function channelsOf(load: Load): Channel[] {
  const common = {
    title: "Bench",
    cadence: 1000 / load.perSecond,
    maxAge: 60_000,
    filledBy: "ingest",
  } as const;
  return channelNames(load).map((name) => {
    if (load.kind === "record") {
      const metrics = Object.fromEntries(
        ["number", ...METRICS].map((metric) => [metric, { title: metric, unit: "count" } as const]),
      );
      return defineChannel({ ...common, kind: "record", name, metrics });
    }
    const fields = {
      number: { title: "Number", type: "number" },
      text: { title: "Text", type: "text" },
    } as const;
    return defineChannel({ ...common, kind: "feed", name, fields, keep: 5 });
  });
}

/** The running number of the last update in a channel's state. */
export function lastNumberIn(state: ChannelState | undefined): number {
  if (state?.kind === "record") return state.values.number ?? 0;
  return state?.kind === "feed" ? Number(state.items.at(-1)?.item.number ?? 0) : 0;
}

export interface Publisher {
  /** Begins the schedule. */
  start(): void;
  stop(): void;
  /** Publishes so many updates of each channel at once, outside the schedule. */
  burst(updates: number): void;
  readonly numbers: Numbers;
  /** Updates handed to `send` since the start. */
  readonly published: number;
}

/** Calls `send` with what is due, each channel by its own schedule. `numbers` are the last ones published. */
export function createPublisher(load: Load, numbers: Numbers, send: (batch: Due[]) => void): Publisher {
  const interval = 1000 / load.perSecond;
  const lines = channelNames(load).map((channel, i) => ({
    next: createLine(load.kind, channel, numbers[channel] ?? 0),
    offset: load.staggered ? (i * interval) / load.channels : 0,
    count: 0,
  }));
  const last: Numbers = { ...numbers };
  let startedAt = 0;
  let published = 0;
  let timer: NodeJS.Timeout | undefined;

  function hand(batch: Due[]): void {
    for (const { channel } of batch) last[channel] = (last[channel] ?? 0) + 1;
    published += batch.length;
    if (batch.length > 0) send(batch);
  }

  function wake(): void {
    const batch: Due[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const line of lines) {
      const due = () => Math.ceil(startedAt + line.offset + line.count * interval);
      while (due() <= wallNow() && batch.length < BATCH) {
        batch.push(line.next(due()));
        line.count += 1;
      }
      soonest = Math.min(soonest, due());
    }
    hand(batch);
    timer = setTimeout(wake, soonest - wallNow());
  }

  return {
    start: () => {
      startedAt = wallNow();
      wake();
    },
    stop: () => clearTimeout(timer),
    burst: (updates) => {
      for (let i = 0; i < updates; i++) hand(lines.map((line) => line.next(Math.floor(wallNow()))));
    },
    numbers: last,
    get published() {
      return published;
    },
  };
}

/** Makes one channel's updates, one after the other. */
export function createLine(kind: Load["kind"], channel: string, last: number): (due: number) => Due {
  const random = seededRandom(last + channel.length);
  const values: Record<string, number> = { number: last };
  for (const metric of METRICS) values[metric] = figure(random());
  let number = last;
  let place = 0;
  return (due) => {
    number += 1;
    if (kind === "feed") {
      const item = { number, text: TEXT };
      return { channel, due, change: { items: [item] }, whole: { item } };
    }
    const set: Record<string, number> = { number };
    for (let i = 0; i < CHANGING; i++) set[METRICS[place++ % METRICS.length]!] = figure(random());
    Object.assign(values, set);
    return { channel, due, change: { set }, whole: { values: { ...values } } };
  };
}

/** Ten characters, such as 1234567.89: with them an update of all 20 metrics has about 500 bytes. */
function figure(random: number): number {
  return Math.floor(100_000_000 + random * 900_000_000) / 100;
}

/** Park and Miller's generator: the same figures in each run. */
function seededRandom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
