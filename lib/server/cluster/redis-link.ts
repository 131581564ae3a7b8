import { createClient } from "redis";
import { CodedError } from "@/lib/shared/codes";
import { within } from "../within";

const CONNECT_LIMIT_MS = 3000;
/** The pause before another attempt to connect: random, below a bound that doubles from one to the other (ms). */
const RETRY_FROM_MS = 100;
const RETRY_TO_MS = 2000;
/** The most commands that may wait for an answer. */
const MAX_COMMANDS = 200;
/** After so many commands in a row without an answer the connection is given up: it may be half-open. */
const MAX_SILENT = 4;

type Client = ReturnType<typeof createClient>;
interface Connection {
  client: Client;
  /** Resolves when it is there for the first time; commands wait for that only. Rejects when it is given up. */
  isThere: Promise<unknown>;
}
/** Told of the beginning and the end of an outage, not of each attempt. */
type Note = (message: string, error?: unknown) => void;

/** The connections of one node to Redis beside the log's. They come back by themselves and never end the process. */
export interface RedisLink {
  /** Fails with `cluster_unavailable`: at once when the connection was lost, and after `limitMs` without an answer. */
  command(args: string[], limitMs: number): Promise<unknown>;
  /** The clients that Socket.IO's adapter publishes and subscribes with. */
  readonly forAdapter: { pub: object; sub: object };
  close(): void;
}

/** Begins to connect. */
export function linkToRedis(url: string, note: Note): RedisLink {
  let closed = false;
  let commands = openClient(url, "the cluster", { disableOfflineQueue: true, note });
  // Subscriptions that are asked for without a connection are made as soon as there is one, and again with the next.
  const subscriber = openClient(url, "the cluster's messages", { disableOfflineQueue: false, note });
  let waiting = 0;
  let silent = 0;

  async function command(args: string[], limitMs: number): Promise<unknown> {
    if (closed) throw new CodedError("cluster_unavailable", "This node has left the cluster.");
    if (waiting >= MAX_COMMANDS) throw new CodedError("cluster_unavailable", "Redis does not keep up.");
    const used = commands;
    const deadline = performance.now() + limitMs;
    waiting += 1;
    try {
      await within(used.isThere, limitMs, late);
      const reply = await within(used.client.sendCommand(args), deadline - performance.now(), late);
      silent = 0;
      return reply;
    } catch (cause) {
      if (cause === TIMEOUT && used === commands) countSilence();
      const why = cause === TIMEOUT ? "Redis did not answer in time." : "Redis is out of reach.";
      throw new CodedError("cluster_unavailable", why, { cause });
    } finally {
      waiting -= 1;
    }
  }

  function countSilence(): void {
    silent += 1;
    if (silent < MAX_SILENT || closed) return;
    silent = 0;
    commands.client.destroy();
    commands = openClient(url, "the cluster", { disableOfflineQueue: true, note });
  }

  const pub = forgiving(() => commands.client, note);
  const sub = forgiving(() => subscriber.client, note);
  return {
    command,
    forAdapter: { pub, sub },
    close() {
      closed = true;
      commands.client.destroy();
      subscriber.client.destroy();
    },
  };
}

function openClient(
  url: string,
  what: string,
  how: { disableOfflineQueue: boolean; note: Note },
): Connection {
  const { disableOfflineQueue, note } = how;
  const client = createClient({
    url,
    // Replies in the old protocol's shapes are plain arrays, whatever the server's version.
    RESP: 2,
    disableOfflineQueue,
    socket: {
      connectTimeout: CONNECT_LIMIT_MS,
      reconnectStrategy: (attempt) =>
        Math.min(RETRY_TO_MS, RETRY_FROM_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2),
    },
  }) as Client;
  let isDown = false;
  client.on("error", (error: Error) => {
    if (!isDown) note(`Redis is out of reach for ${what}`, error);
    isDown = true;
  });
  client.on("ready", () => {
    if (isDown) note(`Redis is back for ${what}`);
    isDown = false;
  });
  // A failure is an `error` too, and is tried again; it only rejects when the client is destroyed meanwhile.
  const isThere = client.connect();
  isThere.catch(() => {});
  return { client, isThere };
}

const CALLS = ["publish", "subscribe", "unsubscribe", "pSubscribe", "pUnsubscribe"] as const;

/**
 * What the adapter uses of a client. It does not look at the promises that it gets, and one that rejects unseen
 * would end the process; what is published while Redis is away is lost, and who asked is told that nobody answered.
 */
function forgiving(current: () => Client, note: Note): object {
  const call =
    (name: (typeof CALLS)[number]) =>
    async (...args: unknown[]): Promise<void> => {
      const client = current() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      if (!current().isOpen) return;
      await client[name]!(...args).catch((error: unknown) => {
        if (name !== "publish" && current().isOpen) note(`Redis refused to ${name}`, error);
      });
    };
  return {
    ...Object.fromEntries(CALLS.map((name) => [name, call(name)])),
    // Errors are listened to already.
    on() {},
    off() {},
  };
}

const TIMEOUT = Symbol("timeout");
const late = () => TIMEOUT;
