import type { Channel } from "@/lib/shared/define-channel";
import type { RedisInfoOptions } from "@/lib/shared/sources/redis";
import type { Source } from "../define-source";
import { type OpenContext, setting } from "../open-source";
import { pullSource } from "../pull-source";
import { checkRedisUrl, connectRedis, type RedisClient, redisTarget } from "./redis-client";

/** A source of figures of `INFO`. Throws for a declaration that cannot work. */
export function redisInfoSource(channel: Channel, options: RedisInfoOptions, context: OpenContext): Source {
  const url = setting(context, options.url);
  checkRedisUrl(url);
  if (channel.kind !== "record") throw new Error("redis-info fills records");
  const names = options.values as Partial<Record<string, string>>;
  /** A connection that no read uses. Reads have one each, as one that was cut may still be under way. */
  let idle: RedisClient | undefined;

  function keep(client: RedisClient): void {
    idle?.close();
    idle = client;
    // One that ends while nobody uses it is no fault: the next read opens another.
    client.ended.catch(() => {
      if (idle === client) idle = undefined;
    });
  }

  return pullSource({
    ...{ channel, options, kind: "Redis", target: redisTarget(url) },
    async read({ signal }) {
      const kept = idle;
      idle = undefined;
      const client = kept ?? (await connectRedis(url));
      let isSound = false;
      try {
        signal.throwIfAborted();
        const figures = parseInfo(String(await client.command(["INFO"])));
        isSound = !signal.aborted;
        return Object.fromEntries(
          Object.keys(channel.metrics).map((metric) => [metric, figureOf(figures, metric, names[metric])]),
        );
      } finally {
        if (isSound) keep(client);
        else client.close();
      }
    },
    close: async () => idle?.close(),
  });
}

function figureOf(
  figures: ReadonlyMap<string, string>,
  metric: string,
  name: string | undefined,
): number | null {
  if (name === undefined) return null;
  const text = figures.get(name);
  // A database without keys is not listed.
  if (text === undefined && /^db\d+\./.test(name)) return 0;
  if (text === undefined) throw new Error(`${metric}: INFO has no ${name}`);
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) throw new Error(`${metric}: ${name} is not a number`);
  return value;
}

/** `INFO`'s lines `name:value`; of `db0:keys=3,expires=1` each figure by itself, `db0.keys`. */
export function parseInfo(text: string): Map<string, string> {
  const figures = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 0 || line.startsWith("#")) continue;
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
    figures.set(name, value);
    if (!value.includes("=")) continue;
    for (const part of value.split(",")) {
      const [key, figure] = part.split("=");
      if (figure !== undefined) figures.set(`${name}.${key}`, figure);
    }
  }
  return figures;
}
