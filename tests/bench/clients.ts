/** A process full of viewers. */
import { setTimeout as sleep } from "node:timers/promises";
import { answerCalls } from "./calls";
import { wallNow } from "./clock";
import { Latencies, type LatencyCounts } from "./latencies";
import type { Numbers } from "./load";
import { createReader, type PeerName } from "./readers";
import { type Counts, Tally } from "./tally";
import { Viewer } from "./viewer";

export interface ClientCalls {
  /** Resolves when all have connected and, from Nowboard, had their first frame. */
  open(arg: {
    peer: PeerName;
    port: number;
    channels: string[];
    viewers: number;
    /** One in so many viewers reads and checks what it gets; the others only count and acknowledge. */
    checkOneIn: number;
    reconnects: boolean;
  }): Promise<void>;
  /** From now on bytes count, and the latencies of updates that are due. */
  begin(arg: null): void;
  /** Ends what `begin` began. */
  end(arg: null): { bytes: number; packets: number };
  pause(isPaused: boolean): void;
  /** The newest number of each channel that any viewer got, once all have lost the server. */
  newest(arg: null): Promise<Numbers>;
  /** How many ms it took until all checked viewers had everything up to `numbers`, at most `limitMs`. */
  reach(arg: { numbers: Numbers; limitMs: number }): Promise<number>;
  /** Waits until all viewers have connected after `since`, at most `limitMs`: when each of those that did, did. */
  connected(arg: { since: number; limitMs: number }): Promise<number[]>;
  results(numbers: Numbers): Counts & { broken: number; latencies: LatencyCounts; viewers: number };
}

/** Connections being opened at a time, so that the start is no storm. */
const OPENING = 50;
const POLL_MS = 20;
/** What a killed server had sent is read within this. */
const LOSS_MS = 5000;

const viewers: Viewer[] = [];
const tallies: Tally[] = [];
const latencies = new Latencies();
let dueFrom = Number.POSITIVE_INFINITY;
let dueTo = Number.POSITIVE_INFINITY;

function createViewer(
  options: Parameters<ClientCalls["open"]>[0],
  isChecked: boolean,
  onReady: () => void,
): Viewer {
  const { peer, port, channels, reconnects } = options;
  const tally = new Tally();
  if (isChecked) tallies.push(tally);
  const observer = {
    skipTo: (channel: string, number: number) => tally.skipTo(channel, number),
    update: (channel: string, number: number, due: number) => {
      tally.see(channel, number);
      // What a viewer gets to catch up says nothing about the latency of live data.
      if (due >= viewer.readyAt && due >= dueFrom && due < dueTo) latencies.add(wallNow() - due);
    },
  };
  const reader = createReader(peer, { channels, observer: isChecked ? observer : undefined });
  const viewer: Viewer = new Viewer({ port, reader, reconnects, onReady });
  return viewer;
}

function count(): { bytes: number; packets: number } {
  return viewers.reduce(
    (sum, { bytes, packets }) => ({ bytes: sum.bytes + bytes, packets: sum.packets + packets }),
    { bytes: 0, packets: 0 },
  );
}

async function until(isTrue: () => boolean, limitMs: number): Promise<number> {
  const start = wallNow();
  while (!isTrue() && wallNow() - start < limitMs) await sleep(POLL_MS);
  return wallNow() - start;
}

function isConnected({ readyAt }: Viewer): boolean {
  return readyAt !== Number.POSITIVE_INFINITY;
}

let before = count();

answerCalls<ClientCalls>({
  open: (options) =>
    new Promise((resolve) => {
      let opened = 0;
      let ready = 0;
      const openNext = () => {
        if (opened === options.viewers) return;
        const isChecked = opened++ % options.checkOneIn === 0;
        let isFirst = true;
        const viewer = createViewer(options, isChecked, () => {
          if (!isFirst) return;
          isFirst = false;
          ready += 1;
          if (ready === options.viewers) resolve();
          else openNext();
        });
        viewers.push(viewer);
        viewer.open();
      };
      for (let i = 0; i < OPENING; i++) openNext();
    }),
  begin: () => {
    before = count();
    dueFrom = wallNow();
  },
  end: () => {
    dueTo = wallNow();
    const after = count();
    return { bytes: after.bytes - before.bytes, packets: after.packets - before.packets };
  },
  pause: (isPaused) => {
    for (const viewer of viewers) viewer.pause(isPaused);
  },
  newest: async () => {
    await until(() => !viewers.some(isConnected), LOSS_MS);
    const newest: Numbers = {};
    for (const { numbers } of tallies)
      for (const [channel, number] of Object.entries(numbers))
        newest[channel] = Math.max(newest[channel] ?? 0, number);
    return newest;
  },
  reach: ({ numbers, limitMs }) => until(() => tallies.every((tally) => tally.hasReached(numbers)), limitMs),
  connected: async ({ since, limitMs }) => {
    const isBack = (viewer: Viewer) => isConnected(viewer) && viewer.readyAt > since;
    await until(() => viewers.every(isBack), limitMs);
    return viewers.filter(isBack).map(({ readyAt }) => readyAt);
  },
  results: (numbers) => {
    const result = { missed: 0, doubled: 0, disordered: 0, broken: 0, viewers: tallies.length };
    for (const tally of tallies) {
      const { missed, doubled, disordered } = tally.counts(numbers);
      result.missed += missed;
      result.doubled += doubled;
      result.disordered += disordered;
    }
    for (const { broken } of viewers) result.broken += broken;
    return { ...result, latencies: latencies.counts };
  },
});
