import { createClient } from "redis";
import { concealer } from "../../database/conceal";
import { within } from "../../within";
import { connectionError } from "../connection-errors";

const CONNECT_LIMIT_MS = 3000;
const ANSWER_LIMIT_MS = 5000;

/** One connection to a Redis. It does not come back by itself: after its end, who uses it opens another. */
export interface RedisClient {
  /** Rejects in words when Redis refuses, or does not answer within `limit` ms. */
  command(args: string[], limit?: number): Promise<unknown>;
  /** Calls back for each message of a channel, or of those that a pattern with `*` matches. */
  subscribe(channel: string, listener: (text: string, channel: string) => void): Promise<void>;
  /** Rejects when the connection ends. */
  ended: Promise<never>;
  close(): void;
}

/** Throws for what is no address of a Redis. */
export function checkRedisUrl(url: string): void {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new Error("the address is not like redis://user:password@host:6379/0");
}

/** The address as people may read it. */
export function redisTarget(url: string): string {
  const { host, pathname } = new URL(url);
  return pathname.length > 1 ? `${host}${pathname}` : host;
}

/** Connects within three seconds, or rejects in words. */
export async function connectRedis(url: string): Promise<RedisClient> {
  const conceal = concealer(url);
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_LIMIT_MS, reconnectStrategy: false, keepAlive: true },
  });
  const failure = (error: unknown): Error => {
    const known = connectionError(error, new URL(url)) as Error;
    return new Error(known === error ? `Redis: ${conceal(known.message)}` : known.message, { cause: error });
  };
  const ended = new Promise<never>((_, reject) => {
    const end = (error: Error) => reject(failure(error));
    client.on("error", end);
    client.on("end", () => end(new Error("the connection was closed")));
  });
  ended.catch(() => {});
  const silent = () => new Error("does not answer");
  const asked = async <T>(answer: Promise<T>, limit: number): Promise<T> => {
    try {
      return await within(answer, limit, silent);
    } catch (error) {
      throw failure(error);
    }
  };
  try {
    await asked(client.connect(), CONNECT_LIMIT_MS + 1000);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    command: (args, limit = ANSWER_LIMIT_MS) => asked(client.sendCommand(args), limit),
    subscribe: (channel, listener) =>
      asked(
        channel.includes("*") ? client.pSubscribe(channel, listener) : client.subscribe(channel, listener),
        ANSWER_LIMIT_MS,
      ),
    ended,
    close: () => client.destroy(),
  };
}
