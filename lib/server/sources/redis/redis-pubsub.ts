import type { Channel } from "@/lib/shared/define-channel";
import type { RedisPubsubOptions } from "@/lib/shared/sources/redis";
import { gather } from "../gather";
import { type OpenContext, setting } from "../open-source";
import { ANSWER_LIMIT_MS, checkSilence } from "../silence-check";
import type { Stream } from "../stream";
import { checkRedisUrl, connectRedis, redisTarget } from "./redis-client";

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
      const silence = checkSilence(() => client.command(["PING"], ANSWER_LIMIT_MS));
      const hear = (text: string, topic: string) => {
        silence.heard();
        push(text, topic);
      };
      try {
        for (const name of channels) await client.subscribe(name, hear);
        ready();
        await Promise.race([client.ended, over, silence.run(signal)]);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        client.close();
      }
    },
  };
}
