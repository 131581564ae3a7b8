import type { Channel } from "@/lib/shared/define-channel";
import type { RedisPubsubOptions } from "@/lib/shared/sources/redis";
import { SYSTEM_CLOCK } from "../clock";
import { gather } from "../gather";
import { type OpenContext, setting } from "../open-source";
import { pause } from "../retry";
import type { Stream } from "../stream";
import { checkRedisUrl, connectRedis, redisTarget } from "./redis-client";

/** A connection that went silent looks like one on which nothing is published, so it is asked now and then, ms. */
const CHECK_MS = 8000;
const ANSWER_LIMIT_MS = 4000;

/** A source of what is published on channels. Throws for a declaration that cannot work. */
export function redisPubsubSource(
  channel: Channel,
  options: RedisPubsubOptions,
  context: OpenContext,
): Stream {
  const url = setting(context, options.url);
  checkRedisUrl(url);
  const { channels, policy, map } = options;
  if (channels.length === 0) throw new Error("channels names none");
  return {
    ...{ channel, policy, map, kind: "Redis", target: `${redisTarget(url)}, ${channels.join(", ")}` },
    async run(running) {
      const { signal, ready } = running;
      const client = await connectRedis(url);
      const { push, over } = gather(running);
      const check = async () => {
        for (;;) {
          await pause(SYSTEM_CLOCK, CHECK_MS, signal);
          await client.command(["PING"], ANSWER_LIMIT_MS);
        }
      };
      try {
        for (const name of channels) await client.subscribe(name, push);
        ready();
        await Promise.race([client.ended, over, check()]);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        client.close();
      }
    },
  };
}
