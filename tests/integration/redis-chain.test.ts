import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Hub } from "@/lib/server/hub/hub";
import { createRedisLog } from "@/lib/server/log/redis-log";
import { KEYS } from "@/lib/server/log/redis-scripts";
import { ZERO_ID } from "@/lib/shared/cursor";
import { testChannels } from "../support/live-channels";
import { eventually } from "../support/live-wait";
import { labelOf, put, putMany, readAll } from "../support/log-harness";
import { contentAt, type RedisNode, startNode } from "../support/redis-nodes";
import { type RedisServer, startRedis } from "../support/redis-server";

vi.setConfig({ testTimeout: 30_000 });

const redis: RedisServer = await startRedis();
let a: RedisNode;
let b: RedisNode;

beforeEach(async () => {
  await redis.command("FLUSHALL");
  a = await startNode(redis.url);
  b = await startNode(redis.url);
});
afterEach(async () => {
  await a.close();
  await b.close();
});
afterAll(() => redis.close());

/** What a damaged log must still do: new nodes start, all are of one log, and what is appended arrives everywhere. */
async function expectToWork(): Promise<void> {
  const log = createRedisLog({ url: redis.url, warn: () => {} });
  const hub = new Hub({ log, channels: testChannels, report: () => {} });
  await hub.open();
  const newcomer = await startNode(redis.url);
  // Before a node has noticed, an append can fail for want of the right name; it says so.
  await eventually(() => put(b.log, "afterwards"));
  const last = await put(a.log, "last");
  for (const node of [a, b, newcomer]) await eventually(() => expect(node.told().at(-1)?.id).toBe(last));
  expect(new Set([a, b, newcomer].map((node) => node.epochs.at(-1))).size).toBe(1);
  expect((await contentAt(redis.url)).slice(-2).map(labelOf)).toEqual(["afterwards", "last"]);
  await eventually(() => expect(hub.cursor.endsWith(last)).toBe(true));
  await hub.close();
  await log.close();
  await newcomer.close();
}

/**
 * Reads on from everywhere: what comes is all that was stored there, or the answer is gone (L5). Once the log has
 * another name these cursors are gone too, whatever their ids are.
 */
async function expectNoSilentGap(stored: readonly string[]): Promise<void> {
  for (const [n, id] of [ZERO_ID, ...stored].entries()) {
    const read = await readAll(a.log, id).catch(() => "gone" as const);
    if (a.epochs.length > 1) return;
    if (read !== "gone")
      expect(read.map((update) => update.id).slice(0, stored.length - n)).toEqual(stored.slice(n));
  }
}

describe("entries that somebody removed", () => {
  it.each([
    ["one in the middle", (ids: string[]) => ["XDEL", KEYS.stream, ids[4]!]],
    ["several in the middle", (ids: string[]) => ["XDEL", KEYS.stream, ids[2]!, ids[4]!, ids[5]!]],
    ["the first", (ids: string[]) => ["XDEL", KEYS.stream, ids[0]!]],
    ["the last", (ids: string[]) => ["XDEL", KEYS.stream, ids.at(-1)!]],
    ["all but the last", () => ["XTRIM", KEYS.stream, "MAXLEN", "1"]],
    ["all", () => ["XTRIM", KEYS.stream, "MAXLEN", "0"]],
    ["the stream", () => ["DEL", KEYS.stream]],
    ["the state of the log", () => ["DEL", KEYS.meta]],
    ["the checkpoint", () => ["DEL", KEYS.checkpoint]],
    ["everything", () => ["FLUSHALL"]],
  ] satisfies [string, (ids: string[]) => string[]][])(
    "[L5] never make a gap that nobody is told of: %s",
    async (_, remove) => {
      const ids = await putMany(a.log, 8);
      await a.log.saveCheckpoint({ id: ids[3]!, states: {} });
      await redis.command(...remove(ids));
      await expectNoSilentGap(ids);
      const more = await eventually(() => put(b.log, "more"));
      await expectNoSilentGap([...ids, more]);
      await expectToWork();
    },
  );

  it("[L4] make a new log of it for everybody when they were not read yet", async () => {
    const [first] = await putMany(a.log, 1);
    // Both nodes are away while two entries are appended by a third, and the first of them is removed.
    const other = await startNode(redis.url);
    await eventually(() => expect(b.told().at(-1)?.id).toBe(first));
    const before = a.epochs[0];
    const damage = `
      redis.call('XADD', KEYS[1], ARGV[2], 'p', ARGV[1], 'b', '{"ch":"orders","items":[{"order":"hidden"}]}')
      redis.call('XDEL', KEYS[1], ARGV[2])
      redis.call('XADD', KEYS[1], ARGV[3], 'p', ARGV[2], 'b', '{"ch":"orders","items":[{"order":"seen"}]}')
      redis.call('HSET', KEYS[2], 'head', ARGV[3], 'last', ARGV[3])`;
    const ms = Number(first!.split("-")[0]) + 1;
    await redis.command("EVAL", damage, "2", KEYS.stream, KEYS.meta, first!, `${ms}-0`, `${ms}-1`);
    await vi.waitFor(
      () => {
        for (const node of [a, b, other]) expect(node.epochs.at(-1)).not.toBe(before);
      },
      { timeout: 10_000 },
    );
    await other.close();
    await expectToWork();
  });
});

describe("entries that somebody else added", () => {
  it.each([
    ["at the end", "*", "before"],
    ["far ahead of the clock", "9999999999999-0", "before"],
    ["at the end, and more follows", "*", "after"],
  ])("[L4][L5] are no part of the log: %s", async (_, id, order) => {
    const ids = await putMany(a.log, 5);
    await redis.command("XADD", KEYS.stream, id, "foreign", "1");
    if (order === "after") await put(b.log, "next").catch(() => {});
    await expectNoSilentGap(ids);
    await expectToWork();
  });

  it("[L2] leave nothing behind when they are removed again, though the stream remembers their id", async () => {
    await putMany(a.log, 2);
    await a.close();
    await b.close();
    await redis.command("XADD", KEYS.stream, "9999999999999-0", "foreign", "1");
    await redis.command("XDEL", KEYS.stream, "9999999999999-0");
    a = await startNode(redis.url);
    b = await startNode(redis.url);
    await expectToWork();
  });
});

it("[L3] goes on when Redis has forgotten the scripts in the middle", async () => {
  for (let n = 0; n < 5; n++) {
    await put(a.log, `a${n}`);
    await redis.command("SCRIPT", "FLUSH");
    await Promise.all([put(a.log, `b${n}`), put(b.log, `c${n}`), a.log.confirm(), b.log.read(ZERO_ID, 1000)]);
  }
  expect(await contentAt(redis.url)).toHaveLength(15);
  expect([a.epochs.length, b.epochs.length]).toEqual([1, 1]);
});

describe("a hole that is not at the end", () => {
  it("[L4] behind the checkpoint keeps no node from starting", async () => {
    const ids = await putMany(a.log, 10);
    await a.log.saveCheckpoint({ id: ids[2]!, states: {} });
    await redis.command("XDEL", KEYS.stream, ids[5]!);
    await expectToWork();
  });

  it("[L4] in what is older than the series of charts begin with keeps no node from starting", async () => {
    // As if all but the last had been stored long ago: ids are what seeking goes by.
    const old = Date.now() - 20 * 60_000;
    const ids = Array.from({ length: 10 }, (_, i) => `${old + i}-0`);
    await redis.command("DEL", KEYS.stream, KEYS.meta);
    for (const [i, id] of ids.entries()) {
      const entry = ["p", ids[i - 1] ?? ZERO_ID, "b", '{"ch":"gauges","set":{"a":1}}'];
      await redis.command("XADD", KEYS.stream, id, ...entry);
    }
    const meta = ["epoch", "abcdefghijkl", "head", ids[9]!, "floor", ZERO_ID, "last", ids[9]!];
    await redis.command("HSET", KEYS.meta, ...meta);
    await redis.command("XDEL", KEYS.stream, ids[4]!);
    await expectToWork();
  });

  it("[L4] before a foreign entry at the end keeps no node from starting", async () => {
    await putMany(a.log, 3);
    await redis.command("XADD", KEYS.stream, `${Date.now() + 1000}-0`, "foreign", "entry");
    await a.close();
    await b.close();
    a = await startNode(redis.url);
    b = await startNode(redis.url);
    await redis.command("HDEL", KEYS.meta, "epoch");
    await expectToWork();
  });
});
