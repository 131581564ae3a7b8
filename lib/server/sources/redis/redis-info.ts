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
  let client: RedisClient | undefined;

  function forget(): void {
    client?.close();
    client = undefined;
  }

  return pullSource({
    ...{ channel, options, kind: "Redis", target: redisTarget(url) },
    async read({ signal }) {
      try {
        client ??= await connectRedis(url);
        const figures = parseInfo(String(await client.command(["INFO"])));
        // One that took too long may still be under way: the next read has a connection of its own.
        if (signal.aborted) forget();
        return Object.fromEntries(
          Object.keys(channel.metrics).map((metric) => [metric, figureOf(figures, metric, names[metric])]),
        );
      } catch (error) {
        forget();
        throw error;
      }
    },
    close: async () => forget(),
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
