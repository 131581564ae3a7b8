import { compareIds, idMs, isUpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { RedisStreamOptions } from "@/lib/shared/sources/redis";
import { messageValue } from "../message-value";
import { type OpenContext, setting } from "../open-source";
import { MAX_BATCH, type Stream, type StreamContext } from "../stream";
import { checkRedisUrl, connectRedis, type RedisClient, redisTarget } from "./redis-client";

/** A read that waits for news is answered after this at the latest, ms. */
const BLOCK_MS = 2000;
const BLOCK_LIMIT_MS = 7000;

/** A source of a stream's entries, each once: the log has the last one that was stored. Throws for what cannot work. */
export function redisStreamSource(
  channel: Channel,
  options: RedisStreamOptions,
  context: OpenContext,
): Stream {
  const url = setting(context, options.url);
  checkRedisUrl(url);
  const { stream, policy, map } = options;
  return {
    ...{ channel, policy, map, kind: "Redis", target: `${redisTarget(url)}, stream ${stream}` },
    async run(running) {
      const client = await connectRedis(url);
      // A read that waits ends with its connection.
      running.signal.addEventListener("abort", client.close, { once: true });
      try {
        await Promise.race([client.ended, follow(client, channel, options, running)]);
      } catch (error) {
        if (!running.signal.aborted) throw error;
      } finally {
        running.signal.removeEventListener("abort", client.close);
        client.close();
      }
    },
  };
}

async function follow(
  client: RedisClient,
  channel: Channel,
  { stream, field, from = "latest" }: RedisStreamOptions,
  { signal, ready, take, places, refused }: StreamContext,
): Promise<void> {
  const of = `redis/${channel.name}/${stream}`;
  const texts = textsOf(channel);
  const known = (await places([of]))[of];
  const newest = await newestOf(client, stream);
  let position = known ?? (from === "latest" ? newest : ZERO_ID);
  // Nothing was stored yet: what comes between now and then must not be left out by another beginning.
  if (known === undefined) await take([], { of, after: ZERO_ID, to: position });
  let isAnother = compareIds(newest, position) < 0;
  if (isAnother) position = ZERO_ID;
  else if (known !== undefined && newest !== position && !(await hasEntry(client, stream, position)))
    refused(1, `Entries of ${stream} may have been removed before they were read`);
  ready();
  while (!signal.aborted) {
    const args = [
      "XREAD",
      "COUNT",
      String(MAX_BATCH),
      "BLOCK",
      String(BLOCK_MS),
      "STREAMS",
      stream,
      position,
    ];
    const answer = (await client.command(args, BLOCK_LIMIT_MS)) as [[string, [string, string[]][]]] | null;
    if (!answer) {
      // It was deleted, and made anew or not yet.
      if (compareIds(await newestOf(client, stream), position) < 0) {
        isAnother = true;
        position = ZERO_ID;
      }
      continue;
    }
    const entries = answer[0][1];
    const to = entries.at(-1)![0];
    const messages = entries.map(([id, fields]) => ({
      ...{
        topic: stream,
        key: id,
        value: field === undefined ? rowOf(fields, texts) : jsonOf(fields, field),
      },
      ...(idMs(id) > 0 && { at: idMs(id) }),
    }));
    await take(messages, isAnother ? { of, to } : { of, after: position, to });
    isAnother = false;
    position = to;
  }
}

/** An entry's fields; those of numbers and times are texts in Redis, too. */
function rowOf(list: string[], texts: ReadonlySet<string>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < list.length; i += 2)
    row[list[i]!] = texts.has(list[i]!) ? list[i + 1] : messageValue(list[i + 1]!);
  return row;
}

function jsonOf(list: string[], field: string): unknown {
  for (let i = 0; i < list.length; i += 2) if (list[i] === field) return messageValue(list[i + 1]!);
  return null;
}

/** The channel's columns of text. */
function textsOf(channel: Channel): Set<string> {
  if (channel.kind === "record") return new Set();
  const columns = Object.entries(channel.kind === "table" ? channel.table.columns : channel.feed.fields);
  return new Set(columns.flatMap(([name, { type }]) => (type === "text" ? [name] : [])));
}

/** The greatest id that the stream ever had; `0-0` when it is not there. */
async function newestOf(client: RedisClient, stream: string): Promise<string> {
  const list = (await client.command(["XINFO", "STREAM", stream]).catch((error: Error) => {
    if (/no such key/i.test(error.message)) return [];
    throw error;
  })) as unknown[];
  const id = list[list.indexOf("last-generated-id") + 1];
  return typeof id === "string" && isUpdateId(id) ? id : ZERO_ID;
}

/** Streams lose their oldest entries first, so while this one is there none behind it is gone. */
async function hasEntry(client: RedisClient, stream: string, id: string): Promise<boolean> {
  return ((await client.command(["XRANGE", stream, id, id])) as unknown[]).length > 0;
}
