import pg from "pg";
import { createClient } from "redis";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { declareSource, type SourceOptions } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";
import { type BrokerLab, events, startBrokerLab } from "../support/broker-lab";
import { startPostgres } from "../support/postgres-server";
import { startRedis } from "../support/redis-server";

/** More than two groups of messages. */
const SENT = 1300;
const WAIT = { timeout: 60_000, interval: 50 };
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

let lab: BrokerLab;
beforeEach(async () => {
  lab = await startBrokerLab();
});
afterEach(() => lab.close());

/** Kills the process that reads, at three places of its way, and reads what is left. */
async function killed(options: SourceOptions, variables: Record<string, string>): Promise<void> {
  const child = { options, env: variables };
  await lab.runAndDie([
    { ...child, dies: { after: 1, when: "before" } },
    { ...child, dies: { after: 1, when: "afterwards" } },
    { ...child, dies: { after: 1, when: "during" } },
  ]);
  const stored = (await lab.numbers()).length;
  // It died on the way.
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThan(SENT);
  await lab.run(declareSource(events, options), variables);
  await vi.waitFor(async () => expect((await lab.numbers()).length).toBeGreaterThanOrEqual(SENT), WAIT);
  expect(await lab.numbers()).toEqual(Array.from({ length: SENT }, (_, i) => i + 1));
}

it("[S1] rows are stored once and in order although the node is killed", async () => {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const db = new pg.Client(url);
  db.on("error", () => {});
  try {
    await db.connect();
    await db.query("CREATE TABLE events (n int PRIMARY KEY)");
    await db.query("INSERT INTO events SELECT generate_series(1, $1::int)", [SENT]);
    const sql = "SELECT n, 'postgres' AS \"from\" FROM events WHERE n > $1 ORDER BY n";
    const options = { kind: "postgres", url: env("ROWS"), sql, after: "n", every: 100 } as const;
    await killed(options, { ROWS: url });
  } finally {
    await db.end();
    await server.close();
  }
});

it("[S1] entries of a stream are stored once and in order although the node is killed", async () => {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  client.on("error", () => {});
  try {
    await client.connect();
    const adding = Array.from({ length: SENT }, (_, i) =>
      client.xAdd("events", "*", { n: String(i + 1), from: "redis" }),
    );
    await Promise.all(adding);
    const from = "earliest";
    const options = { kind: "redis-stream", url: env("ENTRIES"), stream: "events", from } as const;
    await killed(options, { ENTRIES: server.url });
  } finally {
    client.destroy();
    await server.close();
  }
});
