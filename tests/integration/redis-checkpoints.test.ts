import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { Hub } from "@/lib/server/hub/hub";
import { createRedisLog } from "@/lib/server/log/redis-log";
import { KEYS } from "@/lib/server/log/redis-scripts";
import { compareIds, ZERO_ID } from "@/lib/shared/cursor";
import { testChannels } from "../support/live-channels";
import { contentOf, FaultyLog } from "../support/live-log";
import { eventually } from "../support/live-wait";
import { idOf, put, putMany, readAll } from "../support/log-harness";
import { idsIn, type RedisNode, startNode } from "../support/redis-nodes";
import { startRedis } from "../support/redis-server";
import { startTcpProxy } from "../support/tcp-proxy";

vi.setConfig({ testTimeout: 30_000 });

const redis = await startRedis();
let a: RedisNode;
let b: RedisNode;

beforeEach(async () => {
  await redis.command("FLUSHALL");
  // Trimming drops all that a checkpoint covers.
  a = await startNode(redis.url, { retentionMs: -1 });
  b = await startNode(redis.url, { retentionMs: -1 });
});
afterEach(async () => {
  await a.close();
  await b.close();
});
afterAll(() => redis.close());

const savedId = () => redis.command("HGET", KEYS.checkpoint, "id");

it("[L6] stays the newest when nodes save theirs in any order", async () => {
  const ids = await putMany(a.log, 6);
  await eventually(() => expect(b.told()).toHaveLength(6));
  const saves = [2, 0, 4, 1, 3].map((n) => (n % 2 ? a : b).log.saveCheckpoint({ id: ids[n]!, states: {} }));
  await Promise.all(saves);
  expect(await savedId()).toBe(ids[4]);
  await a.log.saveCheckpoint({ id: ids[5]!, states: {} });
  await b.log.saveCheckpoint({ id: ids[2]!, states: {} });
  expect(await savedId()).toBe(ids[5]);
});

it("[L6] is not replaced by one that cannot be read on from", async () => {
  const [id] = await putMany(a.log, 1);
  await a.log.saveCheckpoint({ id: id!, states: {} });
  const [ms] = id!.split("-");
  for (const bogus of [`${Number(ms) + 5000}-0`, `${ms}-7`, "1-1"])
    await b.log.saveCheckpoint({ id: bogus, states: {} });
  expect(await savedId()).toBe(id);
});

it("[L6] of a log that was replaced counts for the old one alone", async () => {
  const ids = await putMany(a.log, 3);
  await eventually(() => expect(b.told()).toHaveLength(3));
  await redis.command("FLUSHALL");
  await eventually(() => put(b.log, "new"));
  await a.log.saveCheckpoint({ id: ids[2]!, states: {} }).catch(() => {});
  await eventually(() => expect(a.epochs).toHaveLength(2));
  await a.log.saveCheckpoint({ id: ids[2]!, states: {} });
  expect(await savedId()).toBeNull();
});

it("[H5][L6] lets a start replay only what came after it, and begin with its state", async () => {
  const first = new FaultyLog(createRedisLog({ url: redis.url, warn: () => {} }));
  const hub = new Hub({ log: first, channels: testChannels, report: () => {} });
  await hub.open();
  const long = { ch: "visits", items: [{ page: `/${"x".repeat(20_000)}` }] };
  for (let n = 0; n < 200; n++) await first.append({ updates: [long, { ch: "gauges", set: { a: n } }] });
  await eventually(() => expect(hub.state("gauges")).toMatchObject({ values: { a: 199 } }));
  // Saves a checkpoint of all of it; what is left to replay is one update.
  await hub.close();
  const { cursor } = await first.append({ updates: [{ ch: "gauges", set: { b: 1 } }] });
  await a.log.trim();
  expect(await idsIn(redis)).toEqual([idOf(cursor)]);

  const second = new FaultyLog(createRedisLog({ url: redis.url, warn: () => {} }));
  const restarted = new Hub({ log: second, channels: testChannels, report: () => {} });
  await restarted.open();
  expect(second.reads).toBe(1);
  expect(restarted.state("gauges")).toMatchObject({ values: { a: 199, b: 1 } });
  expect(restarted.state("visits")).toEqual(hub.state("visits"));
  expect(restarted.cursor).toBe(cursor);
  await restarted.close();
  await Promise.all([first.close(), second.close()]);
});

it("[L5] makes no gap when two nodes trim at once while both publish", async () => {
  const appended: Promise<string>[] = [];
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 40; n++) appended.push(put(n % 2 ? a.log : b.log, `${round}:${n}`));
    await Promise.race(appended.slice(-40));
    // Nothing that one of them has not read yet.
    const [covered] = [a, b].map((node) => node.told().at(-1)?.id ?? ZERO_ID).sort(compareIds);
    await Promise.all(
      [a, b].map(async ({ log }) => {
        await log.saveCheckpoint({ id: covered!, states: {} });
        await log.trim();
      }),
    );
    const floor = await a.log.trim();
    const left = await readAll(b.log, floor);
    expect(left).not.toBe("gone");
  }
  const ids = await Promise.all(appended);
  for (const node of [a, b]) {
    await eventually(() => expect(node.told()).toHaveLength(800));
    expect(
      node
        .told()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(node.epochs).toHaveLength(1);
  }
  expect(await a.log.trim()).toBe(await b.log.trim());
});

it("[L5][K2] shows a snapshot of the same log when what a node has not read yet was trimmed", async () => {
  const proxy = await startTcpProxy(redis.port);
  const log = new FaultyLog(createRedisLog({ url: `redis://127.0.0.1:${proxy.port}`, warn: () => {} }));
  let replaced = 0;
  const hub = new Hub({ log, channels: testChannels, report: () => {}, onReplaced: () => replaced++ });
  await hub.open();
  await a.log.append({ updates: [{ ch: "gauges", set: { a: 1 } }] });
  await eventually(() => expect(hub.state("gauges")).toMatchObject({ values: { a: 1 } }));
  const [epoch] = hub.cursor.split(".");
  proxy.cut();
  const other = new Hub({ log: b.log, channels: testChannels, report: () => {} });
  await b.log.append({ updates: [{ ch: "gauges", set: { b: 2 } }] });
  await other.open();
  await other.close();
  await a.log.trim();
  expect(await idsIn(redis)).toEqual([]);
  const { cursor } = await a.log.append({ updates: [{ ch: "gauges", set: { c: 3 } }] });
  proxy.clear();
  await eventually(() => expect(hub.cursor).toBe(cursor));
  expect(hub.cursor.split(".")[0]).toBe(epoch);
  expect(hub.state("gauges")).toMatchObject({ values: { a: 1, b: 2, c: 3 } });
  expect(replaced).toBe(0);
  expect(await contentOf(log, await log.trim())).toHaveLength(1);
  await hub.close();
  await log.close();
  await proxy.close();
});
