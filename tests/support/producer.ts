import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { randomAt } from "@/lib/demo/random";

/** A deployment to send to. */
export interface Target {
  url: string;
  /** What its `NOWBOARD_INGEST_KEY` says, if it asks for one. */
  ingestKey?: string;
}

/**
 * Sends one body through `POST /api/ingest/:channel`, as any producer would, and gives the cursor at which
 * it is stored. With an `idempotencyKey` it can be sent again without being stored twice. Throws for any other
 * answer.
 */
export async function publish(
  { url, ingestKey }: Target,
  channel: string,
  body: unknown,
  idempotencyKey?: string,
): Promise<string> {
  const response = await fetch(`${url}/api/ingest/${channel}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(ingestKey && { Authorization: `Bearer ${ingestKey}` }),
      ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${channel}: ${response.status} ${text}`);
  return JSON.parse(text).cursor;
}

/** How long a server that has too much to do is asked again, and how often, ms. */
const BUSY_MS = 30_000;
const BUSY_PAUSE_MS = 500;

/** The same to a server that may be busy, as one that has just started on a busy machine: nothing was stored then. */
export async function publishWhenTaken(...args: Parameters<typeof publish>): Promise<string> {
  const until = Date.now() + BUSY_MS;
  for (;;) {
    try {
      return await publish(...args);
    } catch (error) {
      if (!String(error).includes('"code":"overloaded"') || Date.now() > until) throw error;
      await sleep(BUSY_PAUSE_MS);
    }
  }
}

/** Far enough apart that each figure has a column of pixels of its own in a chart. */
const FIGURE_MS = 1500;

/** How long what is under way is insisted on after the end, ms. */
const LAST_TRY_MS = 10_000;

/** What a producer has sent so far, as the server has acknowledged it. */
export interface Acknowledged {
  /** When each order was acknowledged, ms; order number n is at `n - first`. */
  readonly orders: readonly { n: number; at: number }[];
  /** The figures: each metric was n. */
  readonly figures: readonly { n: number; at: number }[];
}

export interface Producer extends Acknowledged {
  /** The newest acknowledged order; they are numbered without a hole, from 1 in a new deployment. */
  readonly acknowledged: number;
  /** Sends so many more orders at once. */
  burst(count: number): void;
  /** Sends nothing until the returned function is called. */
  pause(): () => void;
  /**
   * Finishes the order under way and sends the last figure; gives the number of the newest order. Throws when the
   * server takes neither within 10 s.
   */
  stop(): Promise<number>;
}

export interface ProducerOptions {
  /** From one post to the next, ms, give or take a quarter. */
  everyMs: number;
  /** Orders in each post. */
  batch?: number;
  /** The shortest time between two figures, ms: each is a point of the charts. */
  figureMs?: number;
  /** The numbers already taken in this deployment. */
  taken?: number;
  /** Decides about pauses and amounts. */
  seed?: number;
  /** Text that makes each order bigger. */
  padding?: string;
  /** Where figures go, each of these metrics having the same number; `orders` and `revenue` of `business` by default. */
  figures?: { channel: string; metrics: readonly string[] };
}

const BUSINESS = { channel: "business", metrics: ["orders", "revenue"] };

/** An order's number, as it is written in the feed. */
export function orderName(n: number): string {
  return `N-${String(n).padStart(5, "0")}`;
}

/**
 * Sends numbered orders, one post after the other: number n as an item of the feed `orders`, and n as the value
 * of `business.orders` and `business.revenue`. A post that is not acknowledged is sent again with the same key
 * until it is, so what is acknowledged is stored exactly once, whatever happens to the server meanwhile.
 */
export function startProducer(target: Target, options: ProducerOptions): Producer {
  const { everyMs, batch = 1, figureMs = FIGURE_MS, taken = 0, seed = 1, padding } = options;
  const { channel, metrics } = options.figures ?? BUSINESS;
  const run = randomUUID();
  const orders: { n: number; at: number }[] = [];
  const figures: { n: number; at: number }[] = [];
  let acknowledged = taken;
  let stopping = false;
  let giveUpAt = Number.POSITIVE_INFINITY;
  let extra = 0;
  let paused: Promise<void> | undefined;

  async function insist(channel: string, body: object, key: string) {
    while (true) {
      try {
        return await publish(target, channel, body, key);
      } catch (error) {
        if (/: 4\d\d /.test((error as Error).message) || Date.now() > giveUpAt) throw error;
        await sleep(50);
      }
    }
  }

  async function sendFigure() {
    const n = acknowledged;
    await insist(channel, Object.fromEntries(metrics.map((metric) => [metric, n])), `${run}-figure-${n}`);
    figures.push({ n, at: Date.now() });
  }

  async function produce() {
    while (!stopping) {
      await paused;
      if (stopping) break;
      const random = randomAt(seed, acknowledged);
      const due = Date.now() + everyMs * (0.75 + random() / 2);
      const size = batch + extra;
      extra = 0;
      const posted = Array.from({ length: size }, (_, i) => {
        const n = acknowledged + 1 + i;
        const amount = Math.round(1 + random() * 9_999) / 100;
        return { order: orderName(n), item: `Lamp ${orderName(n)}`, quantity: 1, amount, customer: padding };
      });
      await insist("orders", posted, `${run}-order-${acknowledged + 1}`);
      const at = Date.now();
      for (let i = 0; i < size; i++) orders.push({ n: acknowledged + 1 + i, at });
      acknowledged += size;
      if (at - (figures.at(-1)?.at ?? 0) >= figureMs) await sendFigure();
      await sleep(due - Date.now());
    }
    const last = figures.at(-1);
    if (last?.n === acknowledged || acknowledged === taken) return;
    await sleep(Math.max(0, (last?.at ?? 0) + figureMs - Date.now()));
    await sendFigure();
  }

  const done = produce();
  // The error is given by `stop`.
  done.catch(() => {});
  let goOn = () => {};
  return {
    orders,
    figures,
    get acknowledged() {
      return acknowledged;
    },
    burst(count) {
      extra += count;
    },
    pause() {
      goOn();
      paused = new Promise((resolve) => {
        goOn = resolve;
      });
      return goOn;
    },
    async stop() {
      stopping = true;
      giveUpAt = Date.now() + LAST_TRY_MS;
      goOn();
      await done;
      return acknowledged;
    },
  };
}
