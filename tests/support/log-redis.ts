import { createClient, RESP_TYPES } from "redis";
import type { Log } from "@/lib/server/log/log";
import { createRedisLog, type RedisLogOptions } from "@/lib/server/log/redis-log";
import { KEYS } from "@/lib/server/log/redis-scripts";
import type { LogStorage } from "./log-harness";

export type RedisStorage = LogStorage & {
  create(options?: Partial<RedisLogOptions>): Log;
};

/** The whole of a Redis server as storage for logs: what was in it before is deleted. */
export function createRedisStorage(url: string): RedisStorage {
  const logs: Log[] = [];

  /** A connection of its own, past the engine. */
  async function raw<T>(work: (client: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
    const client = connect(url);
    client.on("error", () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }

  return {
    create: (options) => {
      const log = createRedisLog({ url, warn: () => {}, ...options });
      logs.push(log);
      return log;
    },
    storedIds: () =>
      raw(async (client) => {
        const entries = (await client.sendCommand(["XRANGE", KEYS.stream, "-", "+"])) as unknown as [
          string,
        ][];
        return entries.map(([id]) => id);
      }),
    backUp: async () => {
      const copy = await raw(async (client) => {
        const keys = await client.keys("*");
        return Promise.all(
          keys.map(async (key) => ({ key, ttl: await client.pTTL(key), dump: await dumpOf(client, key) })),
        );
      });
      return () =>
        raw(async (client) => {
          await client.flushAll();
          for (const { key, ttl, dump } of copy) await client.restore(key, Math.max(0, ttl), dump);
        });
    },
    spoilCheckpoint: () =>
      raw(async (client) => void (await client.hSet(KEYS.checkpoint, "states", '{"orders": 7}'))),
    destroy: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await raw((client) => client.flushAll());
    },
  };
}

function connect(url: string) {
  return createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
}

function dumpOf(client: ReturnType<typeof connect>, key: string): Promise<Buffer> {
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).dump(key) as unknown as Promise<Buffer>;
}
