import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { History } from "@/lib/shared/history";
import { type ArchiveStorage, postgresArchives } from "../support/archive-storage";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { type PostgresServer, startPostgres } from "../support/postgres-server";
import { type RedisServer, startRedis } from "../support/redis-server";

let postgres: PostgresServer;
let redis: RedisServer;
let storage: ArchiveStorage;
let servers: LiveServer[] = [];

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres.close(), redis.close()]));
beforeEach(async () => {
  await redis.command("FLUSHALL");
  storage = await postgresArchives(postgres);
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
  await storage.destroy();
});

async function start(options: LiveServerOptions = {}): Promise<LiveServer> {
  const server = await startLiveServer({
    archives: true,
    env: { DATABASE_URL: storage.place.url! },
    ...options,
  });
  servers.push(server);
  return server;
}

/** Appends without end, until told to stop; resolves with how many were stored. */
function produce(server: LiveServer) {
  let isOver = false;
  let count = 0;
  const over = (async () => {
    while (!isOver) {
      await server.append({ ch: "gauges", set: { a: count } });
      count += 1;
      await sleep(5);
    }
    return count;
  })();
  return {
    get count() {
      return count;
    },
    stop: () => {
      isOver = true;
      return over;
    },
  };
}

const ask = (server: LiveServer) =>
  server.get(`/api/history?channel=gauges&metrics=a&from=${Date.now() - 3_600_000}&to=${Date.now() + 1000}`);

async function history(server: LiveServer): Promise<History> {
  const response = await ask(server);
  expect(response.status).toBe(200);
  return response.json();
}

/** How many readings of `a` each tier of buckets has. */
async function counts() {
  const rows = await storage.rows("history_bucket");
  return [10_000, 60_000, 3_600_000].map((width) =>
    rows.filter((row) => row.width === width).reduce((sum, row) => sum + row.count, 0),
  );
}

describe("an archive in Postgres", () => {
  it("[A1] has everything once after Postgres was killed, and after it was restarted, under load", async () => {
    const server = await start();
    const producer = produce(server);
    await eventually(async () => expect((await counts())[0]).toBeGreaterThan(0));
    for (const end of [postgres.kill9, postgres.stop]) {
      await end();
      const before = producer.count;
      await eventually(async () => expect((await ask(server)).status).toBe(503));
      await eventually(() => expect(producer.count).toBeGreaterThan(before + 20));
      expect((await (await server.get("/readyz")).json()).status).toBe("ok");
      await postgres.start();
      await eventually(async () => expect((await ask(server)).status).toBe(200));
    }
    const stored = await producer.stop();
    await eventually(async () => expect(await counts()).toEqual([stored, stored, stored]));
    expect((await history(server)).outages).toEqual([]);
  });

  it("[A3] says 503 while the database does not answer, and answers afterwards", async () => {
    const server = await start();
    await server.append({ ch: "gauges", set: { a: 1 } });
    await eventually(async () => expect((await history(server)).until).toBeGreaterThan(0));
    const client = new pg.Client({ connectionString: storage.place.url });
    await client.connect();
    await client.query("begin");
    await client.query("lock table history_archive");
    await server.append({ ch: "gauges", set: { a: 2 } });
    expect((await ask(server)).status).toBe(503);
    await client.query("commit");
    await client.end();
    await eventually(async () => expect(await counts()).toEqual([2, 2, 2]));
    await eventually(async () => expect((await ask(server)).status).toBe(200));
  }, 40_000);

  it("[K4] is filled by one node for all, and by the next one when that one ends", async () => {
    const nodes = [await start({ redisUrl: redis.url }), await start({ redisUrl: redis.url })];
    const producer = produce(nodes[1]!);
    const archived = async (server: LiveServer) => {
      const text = await (await server.get("/metrics")).text();
      return Number(/^nowboard_archive_readings_total (\d+)/m.exec(text)![1]);
    };
    await eventually(async () => {
      const [a, b] = await Promise.all(nodes.map(archived));
      expect(a! + b!).toBeGreaterThan(100);
      expect(Math.min(a!, b!)).toBe(0);
    });
    // Whoever is asked knows.
    for (const node of nodes)
      expect((await history(node)).metrics.a!.count.some((count) => count > 0)).toBe(true);
    const first = (await archived(nodes[0]!)) > 0 ? 0 : 1;
    const [ending] = nodes.splice(first, 1);
    const rest = nodes[0]!;
    await producer.stop();
    const next = produce(rest);
    await ending!.close();
    servers = servers.filter((server) => server !== ending);
    await eventually(async () => expect(await archived(rest)).toBeGreaterThan(0));
    const stored = producer.count + (await next.stop());
    await eventually(async () => expect(await counts()).toEqual([stored, stored, stored]));
    expect((await history(rest)).outages).toEqual([]);
  }, 40_000);

  it("[K4] is nobody's without DATABASE_URL: each node then has a history of its own", async () => {
    const options = { redisUrl: redis.url, env: {} };
    const nodes = [await start(options), await start(options)];
    await nodes[0]!.append({ ch: "gauges", set: { a: 1 } });
    for (const node of nodes)
      await eventually(async () => {
        const { metrics } = await history(node);
        expect(metrics.a!.count.reduce((sum, count) => sum + count)).toBe(1);
      });
    expect(await storage.rows("history_archive").catch(() => "no tables")).toBe("no tables");
  });
});
