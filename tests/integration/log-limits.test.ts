import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Log } from "@/lib/server/log/log";
import { createStoreCalls } from "@/lib/server/log/store-calls";
import { codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import { follow, labelOf, put, readAll } from "../support/log-harness";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

const START = 1_800_000_000_000;
const MINUTE = 60_000;

let storage: SqliteStorage;

beforeEach(() => {
  storage = createSqliteStorage();
});
afterEach(() => storage.destroy());

/** Holds the database's write lock past the engine. Returns the way to let it go. */
function hold(): () => void {
  const db = new Database(join(storage.folder, "log.db"));
  db.exec("BEGIN IMMEDIATE");
  return () => db.close();
}

async function opened(options?: Parameters<SqliteStorage["create"]>[0]): Promise<Log> {
  const log = storage.create(options);
  await log.open();
  return log;
}

describe("retention", () => {
  it("[L5] is 15 minutes by the time of the commit, not by the id, unless it is said otherwise", async () => {
    let now = START + 60 * MINUTE;
    const log = await opened({ now: () => now });
    await put(log, "ahead");
    now = START;
    const last = await put(log, "right");
    await log.saveCheckpoint({ id: last, states: {} });
    // By their ids both are from minute 60. The second one was committed at minute 0, and is younger in order.
    now = START + 75 * MINUTE;
    expect(await log.trim()).toBe(ZERO_ID);
    now += 1;
    expect(await log.trim()).toBe(last);
  });

  it("[L3] is kept in steps, between which commits go through", async () => {
    let now = START;
    const log = await opened({ now: () => now });
    const last = await put(log, "old", 20_000);
    await log.saveCheckpoint({ id: last, states: {} });
    now += 16 * MINUTE;
    let trimmed: UpdateId | undefined;
    const trimming = log.trim().then((floor) => {
      trimmed = floor;
    });
    let stored = 0;
    while (trimmed === undefined) {
      await put(log, "new");
      stored += 1;
    }
    await trimming;
    expect(trimmed).toBe(last);
    expect(stored).toBeGreaterThan(3);
    expect((await log.stats()).entries).toBe(stored);
  });
});

describe("a busy worker", () => {
  it("[F4] confirms a head that the tail was told of, at least the one known when it was asked", async () => {
    const log = await opened();
    const tail = follow(log);
    let stop = false;
    const load = Array.from({ length: 50 }, async (_, n) => {
      while (!stop) await put(log, `${n}`, 20);
    });
    for (let n = 0; n < 20; n++) {
      const known = tail.commits.at(-1)?.to ?? ZERO_ID;
      const head = await log.confirm();
      expect(compareIds(head, known)).toBeGreaterThanOrEqual(0);
      expect(compareIds(tail.commits.at(-1)?.to ?? ZERO_ID, head)).toBeGreaterThanOrEqual(0);
      await turn();
    }
    stop = true;
    await Promise.all(load);
  });
});

describe("closing", () => {
  it("[H6] waits for an append that waits for another process, which is then stored", async () => {
    const log = await opened();
    const letGo = hold();
    const pending = put(log, "pending");
    const closing = log.close();
    await expect(put(log, "later")).rejects.toMatchObject({ code: "stopping" });
    // Long enough for several attempts.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await storage.storedIds()).toEqual([]);
    letGo();
    const id = await pending;
    await closing;
    expect(await storage.storedIds()).toEqual([id]);
    const next = await opened();
    expect(((await readAll(next)) as object[]).length).toBe(1);
  });

  it("[H6] does not wait longer than an append may, and then says that nothing was stored", async () => {
    const log = await opened({ limits: { waitMs: 200, graceMs: 200 } });
    const letGo = hold();
    const pending = put(log, "pending");
    const refused = expect(pending).rejects.toMatchObject({ code: "log_busy" });
    await log.close();
    await refused;
    letGo();
    expect(await storage.storedIds()).toEqual([]);
  });

  it("[H6] answers what waits for a worker that does not come back", async () => {
    let starts = 0;
    const entry = new URL("../../lib/server/log/sqlite-worker-entry.mjs", import.meta.url);
    let worker: Worker | undefined;
    const log = await opened({
      limits: { waitMs: 300, graceMs: 200 },
      startWorker: (folder) => {
        starts += 1;
        worker =
          starts === 1
            ? new Worker(entry, { workerData: { folder }, execArgv: [] })
            : new Worker("throw new Error('a fault of the test')", { eval: true });
        return worker;
      },
    });
    await worker?.terminate();
    const answers = Promise.allSettled([put(log, "a"), put(log, "b")]);
    await log.close();
    for (const answer of await answers)
      expect(answer).toMatchObject({ status: "rejected", reason: { code: "log_unavailable" } });
    const after = starts;
    expect(await storage.storedIds()).toEqual([]);
    await (await opened()).close();
    // Nobody goes on starting workers for a log that was closed.
    expect(starts).toBe(after);
  });
});

describe("opening that fails halfway", () => {
  it("[L3] lets the folder go, and can be tried again", async () => {
    const file = join(storage.folder, "log.db");
    writeFileSync(file, "this is not a database, it is a text ".repeat(100));
    const log = storage.create();
    await expect(log.open()).rejects.toMatchObject({ code: "log_unavailable" });
    await expect(put(log, "a")).rejects.toMatchObject({ code: "log_unavailable" });
    rmSync(file);
    const another = await opened();
    await put(another, "b");
    await another.close();
    await log.open();
    expect(((await readAll(log)) as []).map(labelOf)).toEqual(["b"]);
  });

  it("[L3] is tried again while another process holds the database, within a limit", async () => {
    await (await opened()).close();
    const letGo = hold();
    // The epoch is rotated when the newest id is not there, which needs the write lock.
    const opening = storage.create().open("5000000000000-0");
    const early = vi.fn();
    opening.then(early, early);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(early).not.toHaveBeenCalled();
    letGo();
    expect(await opening).toMatchObject({ head: ZERO_ID });
  });
});

describe("calls of a worker that does not answer", () => {
  const calls = createStoreCalls(
    () => new Worker("setInterval(() => {}, 1000)", { eval: true }),
    () => {},
  );
  afterEach(() => calls.stop());

  it("[H5] end in time, are bounded in number, and leave room for a commit", async () => {
    calls.start();
    const answers = Array.from({ length: 1001 }, () => calls.call("head", [], { limit: 50 }));
    const codes = (await Promise.allSettled(answers)).map(
      (answer) => answer.status === "rejected" && codeOf(answer.reason),
    );
    expect(codes).toEqual([...Array(1000).fill("log_unavailable"), "overloaded"]);
    // Given up, but still with the worker.
    await expect(calls.call("head", [], { limit: 50 })).rejects.toMatchObject({ code: "overloaded" });
    const commit = calls.call("commit", ["group", []], { lost: "unknown_outcome" });
    await Promise.all([
      expect(commit).rejects.toMatchObject({ code: "unknown_outcome" }),
      turn().then(() => calls.stop()),
    ]);
  });
});
