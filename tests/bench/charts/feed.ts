import type { Point, SeriesByChannel } from "@/lib/shared/protocol";
import { CHANNELS, HISTORY_MS, INTERVAL_MS } from "./page/channels";

/** What one chart gets at one time. */
export interface Reading {
  channel: string;
  point: [ts: number, value: number];
}

/** A schedule that fell behind hands out at most this much at a time, so that calls are still answered. */
const BATCH = 240;
const KEPT = HISTORY_MS / INTERVAL_MS;

export interface Feed {
  /** All that came before the schedule, in parts, oldest first. */
  past(): Iterable<Reading[]>;
  /** Hands each reading to `send` when it is due. */
  start(send: (readings: Reading[]) => void): void;
  /** The last five minutes. */
  history(): SeriesByChannel;
  /** How many of a chart's newest readings are younger than `ms`; the newest last. */
  recent(channel: string, ms: number): Point[];
}

/**
 * Ten readings a second for each chart, from five minutes ago on. The charts take turns within the interval, as
 * producers that know nothing of each other would. `now` (ms) runs `speed` times as fast as timers do.
 */
export function createFeed(now: () => number, speed = 1): Feed {
  const begin = now();
  const lines = CHANNELS.map(({ name }, i) => ({
    channel: name,
    points: [] as Point[],
    random: seededRandom(i),
    period: 20_000 + i * 4000,
    next: begin - HISTORY_MS + (i * INTERVAL_MS) / CHANNELS.length,
  }));

  /** The next reading of a line. Waves under noise: neither a flat line nor one that leaves its scale. */
  function take(line: (typeof lines)[number]): Reading {
    const ts = Math.ceil(line.next);
    const wave = 500 + 300 * Math.sin((2 * Math.PI * ts) / line.period) + 100 * line.random();
    const value = Math.round(wave * 100) / 100;
    line.next += INTERVAL_MS;
    line.points.push([ts, value]);
    if (line.points.length > 2 * KEPT) line.points.splice(0, KEPT);
    return { channel: line.channel, point: [ts, value] };
  }

  function due(until: number): Reading[] {
    const readings: Reading[] = [];
    while (readings.length < BATCH) {
      const first = lines.reduce((a, b) => (b.next < a.next ? b : a));
      if (Math.ceil(first.next) > until) break;
      readings.push(take(first));
    }
    return readings;
  }

  return {
    *past() {
      for (let part = due(begin); part.length > 0; part = due(begin)) yield part;
    },
    start(send) {
      const wake = () => {
        const readings = due(now());
        if (readings.length > 0) send(readings);
        const next = Math.min(...lines.map((line) => line.next));
        setTimeout(wake, (next - now()) / speed);
      };
      wake();
    },
    history: () =>
      Object.fromEntries(lines.map(({ channel, points }) => [channel, { value: points.slice(-KEPT) }])),
    recent: (channel, ms) => {
      const since = now() - ms;
      return lines.find((line) => line.channel === channel)?.points.filter(([ts]) => ts >= since) ?? [];
    },
  };
}

/** Park and Miller's generator: the same figures in each run. */
function seededRandom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
