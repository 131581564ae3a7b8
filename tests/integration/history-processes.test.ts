import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareIds } from "@/lib/shared/cursor";
import { bucketsOf, madeUpUpdate, readingsOf, singlesOf } from "../support/archive-model";
import { type ArchiveStorage, postgresArchives, sqliteArchives } from "../support/archive-storage";
import { startArchiveProcess } from "../support/log-processes";
import { type PostgresServer, startPostgres } from "../support/postgres-server";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

/** Everything up to the archive's cursor is there once, and nothing else. Gives the cursor. */
async function expectExact(storage: ArchiveStorage): Promise<string> {
  const { cursor } = await storage.create().position();
  const updates = Array.from({ length: Number(cursor.split("-")[0]) }, (_, i) => madeUpUpdate(i + 1));
  const all = readingsOf(updates);
  const readings = await storage.rows("history_reading");
  const buckets = await storage.rows("history_bucket");
  const series = await storage.rows("history_series");
  expect(series.map(({ metric }) => metric).sort()).toEqual(["a", "b"]);
  for (const { id, metric } of series) {
    const mine = all.filter((reading) => reading.metric === metric);
    const rows = readings.filter((row) => row.series === id).sort((x, y) => x.at - y.at);
    expect(rows.map(({ series: _, ...row }) => row)).toEqual(singlesOf(mine));
    const tens = buckets
      .filter((row) => row.series === id && row.width === 10_000)
      .sort((x, y) => x.at - y.at);
    expect(tens.map(({ series: _, width: __, ...row }) => row)).toEqual(bucketsOf(mine, 10_000));
  }
  return cursor;
}

const DATABASES: [string, () => Promise<ArchiveStorage>][] = [
  ["SQLite", sqliteArchives],
  ["Postgres", () => postgresArchives(postgres)],
];

describe.each(DATABASES)("a process that archives in %s", (_, createStorage) => {
  it("[A1] stored all that it acknowledged, and nothing twice, whenever it is killed", async () => {
    const storage = await createStorage();
    let acknowledged = "";
    for (let kill = 0; kill < 5; kill++) {
      const child = startArchiveProcess("fold", storage.place);
      const [, begun] = await child.says("open");
      if (acknowledged !== "") expect(compareIds(begun!, acknowledged)).toBeGreaterThanOrEqual(0);
      await child.says("ack");
      const { length } = child.said;
      await vi.waitUntil(() => child.said.length >= length + 5 * kill, { timeout: 20_000, interval: 1 });
      await child.kill();
      acknowledged = child.said.at(-1)![1]!;
      expect(compareIds(await expectExact(storage), acknowledged)).toBeGreaterThanOrEqual(0);
    }
    await storage.destroy();
  });

  it("[A1] has what it stored and could not acknowledge, and the next one goes on behind it", async () => {
    const storage = await createStorage();
    const child = startArchiveProcess("die-after-commit", storage.place);
    await child.ended;
    const acknowledged = child.said.at(-1)![1]!;
    const stored = await expectExact(storage);
    expect(compareIds(stored, acknowledged)).toBeGreaterThan(0);
    const next = startArchiveProcess("fold", storage.place);
    expect((await next.says("open"))[1]).toBe(stored);
    await next.says("ack");
    await next.kill();
    await expectExact(storage);
    await storage.destroy();
  });
});
