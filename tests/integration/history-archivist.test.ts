import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Archive } from "@/lib/server/history/archive";
import { archiveInWorker } from "@/lib/server/history/archive-calls";
import { type Archivist, createArchivist } from "@/lib/server/history/archivist";
import type { Log } from "@/lib/server/log/log";
import { compareIds, ZERO_ID } from "@/lib/shared/cursor";
import { commitTime, type Update } from "@/lib/shared/state";
import { readingsOf, singlesOf } from "../support/archive-model";
import { type ArchiveStorage, sqliteArchives } from "../support/archive-storage";
import { contentOf, FaultyLog, idOf } from "../support/live-log";
import { eventually } from "../support/live-wait";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

/** Longer than a test may take: `catchUp` returns when it is done. */
const PATIENCE_MS = 15_000;

let logs: SqliteStorage;
let storage: ArchiveStorage;
let log: Log;
let archivists: Archivist[] = [];
let warnings: string[] = [];
/** Added to the clock, ms. */
let ahead = 0;
/** All updates that the log ever had. */
let told: Update[] = [];
const now = () => Date.now() + ahead;

beforeEach(async () => {
  logs = createSqliteStorage();
  storage = await sqliteArchives();
  [archivists, warnings, told, ahead] = [[], [], [], 0];
  await openLog();
});
afterEach(async () => {
  await Promise.all(archivists.map((archivist) => archivist.close()));
  await Promise.all([storage.destroy(), logs.destroy()]);
});

async function openLog(options: { retentionMs?: number; seen?: string } = {}) {
  log = logs.create({ now, ...options });
  const opened = await log.open(options.seen);
  log.tail(({ updates }) => told.push(...updates));
  return opened;
}

/** An archivist at work, with an archive of its own on the same database. */
function archivistOf(from: Pick<Log, "read" | "seek">, archive: Archive = storage.create()): Archivist {
  const archivist = createArchivist({
    log: from,
    archive,
    head: () => told.at(-1)?.id ?? ZERO_ID,
    isArchived: (channel) => channel === "gauges",
    now,
    warn: (message) => warnings.push(message),
  });
  archivists.push(archivist);
  archivist.begin();
  return archivist;
}

async function put(...values: number[]) {
  let id = "";
  for (const a of values) id = idOf((await log.append({ updates: [{ ch: "gauges", set: { a } }] })).cursor);
  return id;
}

/** The archive has each reading of these updates once, in all tiers. */
async function expectArchived(updates: readonly Update[]) {
  const rows = await storage.rows("history_reading");
  const readings = readingsOf(updates);
  const byTime = rows.map(({ series: _, ...row }) => row).sort((a, b) => a.at - b.at);
  expect(byTime).toEqual(singlesOf(readings));
  const buckets = await storage.rows("history_bucket");
  for (const width of [10_000, 60_000, 3_600_000]) {
    const count = buckets.filter((row) => row.width === width).reduce((sum, row) => sum + row.count, 0);
    expect(count).toBe(readings.length);
  }
}

const outages = () => storage.rows("history_outage");

describe("an archivist", () => {
  it("[A1] folds what the log has, and what comes, each once over many restarts", async () => {
    await put(1, 2, 3);
    for (let turn = 0; turn < 4; turn++) {
      const archivist = archivistOf(log);
      await put(turn, 7);
      await archivist.catchUp(PATIENCE_MS);
      await put(8);
      await archivist.close();
      await put(9);
    }
    await archivistOf(log).catchUp(PATIENCE_MS);
    await expectArchived(told);
    expect(told).toHaveLength(3 + 4 * 4);
    expect(await outages()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("[A1] goes on by itself, without being asked", async () => {
    const archivist = archivistOf(log);
    await put(1);
    await eventually(async () => expect(archivist.stats().readings).toBe(1));
    await put(2);
    await eventually(async () => expect(archivist.stats().readings).toBe(2));
    expect(archivist.stats().lagMs).toBeLessThan(10_000);
  });

  it("[A1] has nothing twice and nothing missing when two do it at once", async () => {
    const both = [archivistOf(log, storage.createApart()), archivistOf(log, storage.createApart())];
    for (let n = 0; n < 30; n++) {
      await put(n);
      await Promise.all(both.map((archivist) => archivist.catchUp(PATIENCE_MS)));
    }
    await expectArchived(told);
    expect(await outages()).toEqual([]);
  });

  it("[A1] does not go on after its turn has ended", async () => {
    const archivist = archivistOf(log);
    await put(1);
    await archivist.catchUp(PATIENCE_MS);
    archivist.end();
    await put(2);
    await archivist.catchUp(PATIENCE_MS);
    const other = archivistOf(log);
    await other.catchUp(PATIENCE_MS);
    archivist.begin();
    await put(3);
    await archivist.catchUp(PATIENCE_MS);
    await other.catchUp(PATIENCE_MS);
    await expectArchived(told);
  });

  it("[A1] goes on in a log that is an older copy of itself, and has nothing twice", async () => {
    await put(1, 2, 3);
    await log.close();
    const restore = await logs.backUp();
    await openLog();
    const seen = await put(4, 5);
    const before = archivistOf(log);
    await before.catchUp(PATIENCE_MS);
    await before.close();
    await log.close();
    await restore();
    const { epoch, head } = await openLog({ seen });
    expect(compareIds(head, seen)).toBeLessThan(0);
    expect(epoch).toMatch(/^[a-z0-9]{12}$/);
    await archivistOf(log).catchUp(PATIENCE_MS);
    await put(6, 7);
    await archivists.at(-1)!.catchUp(PATIENCE_MS);
    // What was in the log and is gone from it is in the archive all the same.
    expect((await contentOf(log)).map(({ set }) => set!.a)).toEqual([1, 2, 3, 6, 7]);
    expect(told.map(({ set }) => set!.a)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await expectArchived(told);
    expect(await outages()).toEqual([]);
  });

  it("[A4] tells an outage when the log dropped what was not archived yet", async () => {
    await put(1);
    const archivist = archivistOf(log);
    await archivist.catchUp(PATIENCE_MS);
    await archivist.close();
    const { aliveAt } = await storage.create().position();
    const lost = await put(2, 3);
    await log.close();
    await openLog({ retentionMs: -1 });
    await log.saveCheckpoint({ id: lost, states: {} });
    expect(await log.trim()).toBe(lost);
    const next = await put(4);
    await archivistOf(log).catchUp(PATIENCE_MS);
    const kept = told.filter(({ set }) => set!.a === 1 || set!.a === 4);
    await expectArchived(kept);
    expect(await outages()).toEqual([
      { begin_at: aliveAt, end_at: commitTime(told.find(({ id }) => id === next)!) },
    ]);
  });

  it("[A4] tells an outage when nobody ran, and none while others went on", async () => {
    await put(1);
    const first = archivistOf(log);
    await first.catchUp(PATIENCE_MS);
    await first.close();
    const { aliveAt } = await storage.create().position();
    ahead += 3_600_000;
    await put(2);
    await archivistOf(log).catchUp(PATIENCE_MS);
    expect(await outages()).toEqual([{ begin_at: aliveAt, end_at: commitTime(told[1]!) }]);
    await archivists.at(-1)!.close();
    // Another node appends, and nobody archives.
    for (let n = 0; n < 20; n++) {
      ahead += 15_000;
      await put(n);
    }
    await archivistOf(log).catchUp(PATIENCE_MS);
    expect(await outages()).toHaveLength(1);
    await expectArchived(told);
  });

  it("[A1] survives a log and an archive that fail, and then has everything", async () => {
    const faulty = new FaultyLog(log);
    const archive = storage.create();
    let isBroken = false;
    let refusals = 0;
    const broken: Archive = {
      ...archive,
      fold: async (request) => {
        if (!isBroken) return archive.fold(request);
        refusals += 1;
        // Every other time it was stored all the same: the answer got lost.
        if (refusals % 2 === 0) await archive.fold(request);
        throw new Error("connection lost");
      },
    };
    const archivist = archivistOf(faulty, broken);
    await put(1);
    await archivist.catchUp(PATIENCE_MS);
    faulty.failing.read = new Error("out of reach");
    await put(2);
    await eventually(() => expect(warnings).toHaveLength(1));
    // Nobody waits for what cannot be done.
    await archivist.catchUp(PATIENCE_MS);
    faulty.failing.read = undefined;
    isBroken = true;
    await eventually(async () => {
      await put(3);
      expect(refusals).toBeGreaterThanOrEqual(2);
    });
    isBroken = false;
    await eventually(() => expect(warnings.at(-1)).toBe("The archive goes on"));
    await archivist.catchUp(PATIENCE_MS);
    await expectArchived(told);
    expect(await outages()).toEqual([]);
  });

  it("[A1] goes on with another worker when the first one ends, at work or idle", async () => {
    const workers: Worker[] = [];
    const metrics = { gauges: { a: false, b: false } };
    const retention = [1e12, 1e12, 1e12, 1e12] as const;
    const entry = new URL("../../lib/server/history/history-worker-entry.mjs", import.meta.url);
    const archive = archiveInWorker(
      () => {
        workers.push(
          new Worker(entry, { workerData: { ...storage.place, metrics, retention }, execArgv: [] }),
        );
        return workers.at(-1)!;
      },
      (message) => warnings.push(message),
    );
    const archivist = archivistOf(log, archive);
    await log.append({ updates: [{ ch: "gauges", set: { b: 5 } }] });
    await put(1);
    await archivist.catchUp(PATIENCE_MS);
    await workers[0]!.terminate();
    await put(2);
    await eventually(async () => {
      await archivist.catchUp(PATIENCE_MS);
      expect(archivist.stats().readings).toBe(5);
    });
    void archive
      .range({ channel: "gauges", metrics: ["a"], from: 0, to: 1e13, step: 1e12, width: 0 })
      .catch(() => {});
    await workers.at(-1)!.terminate();
    await put(3);
    await eventually(async () => {
      await archivist.catchUp(PATIENCE_MS);
      expect(archivist.stats().readings).toBe(7);
    });
    expect(workers.length).toBeGreaterThanOrEqual(3);
    expect(warnings).toContain("The archive's worker ended");
    await archivist.close();
    await archive.close();
    const rows = await storage.rows("history_bucket");
    expect(rows.filter(({ width }) => width === 3_600_000).reduce((sum, { count }) => sum + count, 0)).toBe(
      7,
    );
  });

  it("[A1] does not lag when it is no longer its turn, though its turn ended in the middle of a pass", async () => {
    const faulty = new FaultyLog(log);
    let release = () => {};
    faulty.holdReads = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await put(1);
    const archivist = archivistOf(faulty);
    await eventually(() => expect(faulty.reads).toBe(1));
    archivist.end();
    release();
    await archivist.close();
    ahead += 60_000;
    expect(archivist.stats().lagMs).toBe(0);
  });

  it("[A2] drops in the background what is not kept any more, while it goes on", async () => {
    const archivist = archivistOf(log);
    await put(1, 2, 3);
    await archivist.catchUp(PATIENCE_MS);
    ahead += 3 * 3_600_000;
    await put(4);
    await archivist.catchUp(PATIENCE_MS);
    await eventually(() => expect(archivist.stats().dropped).toBe(3));
    expect(await storage.rows("history_reading")).toHaveLength(1);
  }, 40_000);
});
