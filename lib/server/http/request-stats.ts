import { RESPONSE_EDGES } from "@/lib/channels/response-bands";

/** What the requests of the last seconds looked like. Times in ms, rates in percent. */
export interface RequestFigures {
  /** Requests per second over the last five whole seconds. */
  perSecond: number;
  /** How many there were in the last minute. */
  count: number;
  /** The last minute's mean response time; `null` when there were no requests, as for the next three. */
  average: number | null;
  p95: number | null;
  p99: number | null;
  /** Percent of the last minute's requests with a status of 500 or more. */
  errorRate: number | null;
  /** Requests per second over the last five whole seconds, by response time: a rate for each `RESPONSE_BANDS`. */
  bands: number[];
}

export interface RequestStats {
  /**
   * Counts an answered request: its time in ms and its status. A held request (SSE, long-poll) is not
   * recorded, as its time says nothing about the server.
   */
  record(durationMs: number, status: number): void;
  read(): RequestFigures;
}

const WINDOW_S = 60;
const RATE_S = 5;
/** Bucket b holds times up to `SMALLEST_MS * GROWTH ** b`, so a percentile is at most 5 % too high. */
const SMALLEST_MS = 0.05;
const GROWTH = 1.05;
/** The last bucket reaches past four minutes. */
const BUCKETS = 320;
const BANDS = RESPONSE_EDGES.length + 1;

interface Slot {
  second: number;
  count: number;
  errors: number;
  totalMs: number;
  buckets: Uint32Array;
  bands: Uint32Array;
}

/** Statistics in rolling windows of one-second slots: about 80 kB, however many requests there are. */
export function createRequestStats(now: () => number = () => performance.now()): RequestStats {
  const started = Math.floor(now() / 1000);
  const slots = Array.from({ length: WINDOW_S }, (): Slot => emptySlot(Number.NaN));

  function slotOf(second: number): Slot {
    const place = second % WINDOW_S;
    if (slots[place]!.second !== second) slots[place] = emptySlot(second);
    return slots[place]!;
  }

  return {
    record(durationMs, status) {
      const slot = slotOf(Math.floor(now() / 1000));
      slot.count += 1;
      slot.totalMs += durationMs;
      if (status >= 500) slot.errors += 1;
      const bucket = bucketOf(durationMs);
      slot.buckets[bucket] = slot.buckets[bucket]! + 1;
      const band = bandOf(durationMs);
      slot.bands[band] = slot.bands[band]! + 1;
    },

    read() {
      const second = Math.floor(now() / 1000);
      const minute = slots.filter((slot) => slot.second > second - WINDOW_S && slot.second <= second);
      const recent = minute.filter((slot) => slot.second >= second - RATE_S && slot.second < second);
      const seconds = Math.min(RATE_S, Math.max(1, second - started));
      const count = sum(minute, (slot) => slot.count);
      const rate = {
        perSecond: sum(recent, (slot) => slot.count) / seconds,
        count,
        bands: Array.from({ length: BANDS }, (_, band) => sum(recent, (slot) => slot.bands[band]!) / seconds),
      };
      if (count === 0) return { ...rate, average: null, p95: null, p99: null, errorRate: null };
      return {
        ...rate,
        average: sum(minute, (slot) => slot.totalMs) / count,
        p95: percentile(minute, count, 0.95),
        p99: percentile(minute, count, 0.99),
        errorRate: (100 * sum(minute, (slot) => slot.errors)) / count,
      };
    },
  };
}

function emptySlot(second: number): Slot {
  return {
    second,
    count: 0,
    errors: 0,
    totalMs: 0,
    buckets: new Uint32Array(BUCKETS),
    bands: new Uint32Array(BANDS),
  };
}

function bandOf(durationMs: number): number {
  const band = RESPONSE_EDGES.findIndex((edge) => durationMs < edge);
  return band < 0 ? BANDS - 1 : band;
}

function bucketOf(durationMs: number): number {
  if (!(durationMs > SMALLEST_MS)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(durationMs / SMALLEST_MS) / Math.log(GROWTH)));
}

/** The upper end of the bucket that holds the request of this rank. */
function percentile(slots: Slot[], count: number, share: number): number {
  const rank = Math.ceil(count * share);
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for (const slot of slots) seen += slot.buckets[bucket]!;
    if (seen >= rank) return SMALLEST_MS * GROWTH ** bucket;
  }
  return SMALLEST_MS * GROWTH ** (BUCKETS - 1);
}

function sum(slots: Slot[], figure: (slot: Slot) => number): number {
  return slots.reduce((total, slot) => total + figure(slot), 0);
}
