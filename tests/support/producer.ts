import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends one body through `POST /api/ingest/:channel`, as any producer would, and gives the cursor at which
 * it is stored. With a `key` it can be sent again without being stored twice. Throws for any other answer.
 */
export async function publish(url: string, channel: string, body: unknown, key?: string): Promise<string> {
  const response = await fetch(`${url}/api/ingest/${channel}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${channel}: ${response.status} ${text}`);
  return JSON.parse(text).cursor;
}

export interface Producer {
  /** So many orders have been acknowledged, numbered from 1 without a hole. */
  readonly acknowledged: number;
  /** Finishes the order under way; gives how many there are. */
  stop(): Promise<number>;
}

/** An order's number, as it is written in the feed. */
export function orderName(n: number): string {
  return `N-${String(n).padStart(5, "0")}`;
}

/**
 * Sends numbered orders, one after the other: number n as an item of the feed `orders`, and n as the value of
 * `business.orders`. An order that is not acknowledged is sent again with the same key until it is, so what
 * is acknowledged is stored exactly once, whatever happens to the server meanwhile.
 */
export function startProducer(url: string, everyMs: number): Producer {
  const run = randomUUID();
  let acknowledged = 0;
  let stopping = false;

  async function insist(channel: string, body: object, key: string) {
    while (true) {
      try {
        return await publish(url, channel, body, key);
      } catch (error) {
        if (/: 4\d\d /.test((error as Error).message)) throw error;
        await sleep(50);
      }
    }
  }

  async function produce() {
    for (let n = 1; !stopping; n++) {
      const due = Date.now() + everyMs;
      const order = { order: orderName(n), item: `Lamp ${orderName(n)}`, quantity: 1, amount: n };
      await insist("orders", order, `${run}-order-${n}`);
      await insist("business", { orders: n }, `${run}-business-${n}`);
      acknowledged = n;
      await sleep(due - Date.now());
    }
  }

  const done = produce();
  // The error is given by `stop`.
  done.catch(() => {});
  return {
    get acknowledged() {
      return acknowledged;
    },
    async stop() {
      stopping = true;
      await done;
      return acknowledged;
    },
  };
}
