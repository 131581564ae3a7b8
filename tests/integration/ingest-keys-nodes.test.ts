import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { storeKey, withKeys } from "../support/key-places";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { type PostgresServer, startPostgres } from "../support/postgres-server";
import { type RedisServer, startRedis } from "../support/redis-server";

let postgres: PostgresServer;
let redis: RedisServer;
let databaseUrl: string;
let nodes: LiveServer[] = [];

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres.close(), redis.close()]));
beforeEach(async () => {
  await redis.command("FLUSHALL");
  databaseUrl = await postgres.createDatabase();
  const options = { redisUrl: redis.url, env: { DATABASE_URL: databaseUrl } };
  nodes = [await startLiveServer(options), await startLiveServer(options)];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
});

/** Keys are in Postgres: no folder matters. */
const place = () => ({ folder: "nowhere", databaseUrl });

const post = (node: LiveServer, key: string, body = '{"a":1}', headers: Record<string, string> = {}) =>
  node.get("/api/ingest/gauges", {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}`, ...headers },
  });

it("[T9][T5] the same post to two nodes at once, with one stored key, is one update", async () => {
  const { key } = await storeKey(place());
  const from = nodes[0]!.runtime.hub.cursor;
  for (let n = 0; n < 10; n++) {
    const headers = { "Idempotency-Key": `order-${n}` };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => post(nodes[i % 2]!, key, `{"a":${n}}`, headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    const cursors = await Promise.all(answers.map(async (answer) => (await answer.json()).cursor));
    expect(new Set(cursors).size).toBe(1);
  }
  const content = await contentOf(nodes[0]!.log, idOf(from));
  expect(content.map(({ set }) => set!.a)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it("[T9] a key that is revoked stops on every node, and one that is made works on every node", async () => {
  const [first, second] = [await storeKey(place()), await storeKey(place())];
  for (const node of nodes) expect((await post(node, first.key)).status).toBe(202);
  await withKeys(place(), (store) => store.revoke(first.id, Date.now()));
  for (const node of nodes) {
    await eventually(async () => expect((await post(node, first.key)).status).toBe(401));
    expect((await post(node, second.key)).status).toBe(202);
  }
  const third = await storeKey(place());
  for (const node of nodes)
    await eventually(async () => expect((await post(node, third.key)).status).toBe(202));
});

it("[T9] Postgres out of reach: the known keys go on, a node that knows none refuses, and both come back", async () => {
  const { key } = await storeKey(place());
  const [knowing, ignorant] = nodes as [LiveServer, LiveServer];
  expect((await post(knowing, key)).status).toBe(202);
  await postgres.stop();
  for (let n = 0; n < 20; n++) expect((await post(knowing, key)).status).toBe(202);
  expect((await post(knowing, `${key.slice(0, -4)}beef`)).status).toBe(401);
  const refused = await post(ignorant, key);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: "keys_unavailable" });
  await postgres.start();
  for (const node of nodes) await eventually(async () => expect((await post(node, key)).status).toBe(202));
});

it("[T9] in Postgres too no table has the key itself", async () => {
  const { key } = await storeKey(place());
  await post(nodes[0]!, key);
  const rows = await withKeys(place(), async (store) =>
    eventually(async () => {
      const list = await store.list();
      expect(list[0]!.lastUsedAt).toBeGreaterThan(0);
      return list;
    }),
  );
  expect(rows[0]!.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(rows)).not.toContain(key.split("_")[2]);
});
