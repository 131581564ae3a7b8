import { afterAll, afterEach, beforeEach, expect, it, vi } from "vitest";
import { KEYS } from "@/lib/server/log/redis-scripts";
import { compareIds, idMs, type UpdateId } from "@/lib/shared/cursor";
import { eventually } from "../support/live-wait";
import { isStrictlyIncreasing, labelOf, put, putMany, requestOf } from "../support/log-harness";
import { contentAt, idsIn, type RedisNode, startNode } from "../support/redis-nodes";
import { startRedis } from "../support/redis-server";

vi.setConfig({ testTimeout: 30_000 });

const redis = await startRedis();
let nodes: RedisNode[];
const logs = () => nodes.map((node) => node.log);

beforeEach(async () => {
  await redis.command("FLUSHALL");
  nodes = [await startNode(redis.url), await startNode(redis.url), await startNode(redis.url)];
});
afterEach(() => Promise.all(nodes.map((node) => node.close())));
afterAll(() => redis.close());

it("[L1][L2][H5] gives all nodes one order: each tail tells every update of all, once, without a hole", async () => {
  const labels = new Map<UpdateId, string>();
  await Promise.all(
    logs().flatMap((log, node) =>
      [0, 1].map(async (producer) => {
        for (let n = 0; n < 100; n++) {
          const label = `${node}.${producer}:${n}`;
          const before = nodes[node]!.told().length;
          const id = await put(log, label, 1 + (n % 3));
          labels.set(id, label);
          // It was told by this node's own tail before it was acknowledged.
          expect(
            nodes[node]!.told()
              .slice(before)
              .some((update) => update.id === id),
          ).toBe(true);
        }
      }),
    ),
  );
  const content = await contentAt(redis.url);
  expect(content).toHaveLength(6 * (34 + 33 * 2 + 33 * 3));
  expect(isStrictlyIncreasing(content.map(({ id }) => id))).toBe(true);
  for (const [id, label] of labels)
    expect(labelOf(content.find((update) => update.id === id)!).split("/")[0]).toBe(label);
  for (const node of nodes) await eventually(() => expect(node.told()).toEqual(content));
  // A request's updates lie side by side, and a producer's requests in the order of its calls.
  const runs = content
    .map((update) => labelOf(update).split("/")[0]!)
    .filter((label, i, all) => label !== all[i - 1]);
  expect(new Set(runs).size).toBe(runs.length);
  for (const producer of ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"])
    expect(
      runs.filter((run) => run.startsWith(`${producer}:`)).map((run) => Number(run.split(":")[1])),
    ).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

it("[T5] stores one of the same posts that arrive at all nodes at once, and answers all the same place", async () => {
  for (let n = 0; n < 30; n++) {
    const request = requestOf(`body ${n}`, 2, `key ${n}`);
    const answers = await Promise.all([...logs(), ...logs()].map((log) => log.append(request)));
    expect(new Set(answers.map(({ cursor }) => cursor)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  }
  expect(await idsIn(redis)).toHaveLength(60);
});

it("[T5] stores one body when nodes are sent different ones under the same key at once", async () => {
  for (let n = 0; n < 20; n++) {
    const answers = await Promise.allSettled(
      logs().map((log, node) =>
        log.append({
          ...requestOf(`body ${n} of ${node}`),
          idempotency: { scope: "test", key: `key ${n}`, fingerprint: `${node}` },
        }),
      ),
    );
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.code] : []));
    expect(refused).toEqual(["idempotency_conflict", "idempotency_conflict"]);
  }
  expect(await idsIn(redis)).toHaveLength(20);
});

it("[L1][L2] goes on upwards when the clock has stepped back, and keeps the time of the commit", async () => {
  await put(nodes[0]!.log, "before");
  const ahead = `${Date.now() + 3_600_000}-7`;
  await redis.command("HSET", KEYS.meta, "last", ahead);
  const from = Date.now();
  const ids = [
    await put(nodes[0]!.log, "a", 2),
    await put(nodes[1]!.log, "b"),
    await put(nodes[0]!.log, "c"),
  ];
  const content = await contentAt(redis.url);
  expect(isStrictlyIncreasing(content.map(({ id }) => id))).toBe(true);
  expect(ids).toEqual(content.slice(2).map(({ id }) => id));
  for (const { id, at } of content.slice(1)) {
    expect(compareIds(id, ahead)).toBeGreaterThan(0);
    expect(idMs(id)).toBe(idMs(ahead));
    expect(Math.abs(at! - from)).toBeLessThan(60_000);
  }
  for (const node of nodes) await eventually(() => expect(node.told()).toEqual(content));
});

it("[L2] never gives an id again after the log was lost and begun anew", async () => {
  // All ids lie ahead of the clock, so that time alone would not keep new ones apart.
  await redis.command("HSET", KEYS.meta, "last", `${Date.now() + 3_600_000}-0`);
  const given: UpdateId[] = [];
  for (let round = 0; round < 4; round++) {
    for (const log of logs()) given.push(...(await putMany(log, 3)));
    const content = await contentAt(redis.url);
    for (const node of nodes) await eventually(() => expect(node.told().at(-1)?.id).toBe(content.at(-1)!.id));
    if (round % 2 === 0) await redis.command("FLUSHALL");
    else await redis.command("DEL", KEYS.stream);
    const epochs = nodes.map((node) => node.epochs.length);
    await redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await vi.waitFor(() => expect(nodes.every((node, n) => node.epochs.length > epochs[n]!)).toBe(true), {
      timeout: 10_000,
    });
    expect(new Set(nodes.map((node) => node.epochs.at(-1))).size).toBe(1);
  }
  expect(given).toHaveLength(4 * 9);
  expect(isStrictlyIncreasing(given)).toBe(true);
  expect(new Set(nodes[0]!.epochs).size).toBe(5);
});
