import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Log } from "@/lib/server/log/log";
import type { SqliteLogOptions } from "@/lib/server/log/sqlite-log";
import { codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { Fault, startFaultyWorker } from "../support/log-faulty-worker";
import { follow, idOf, labelOf, put, readAll, requestOf } from "../support/log-harness";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

let storage: SqliteStorage;
let switches: Int32Array;
let workers: Worker[];
let warnings: string[];

/** A log whose workers the test can reach and whose database it can make fail. */
async function openLog(options: Partial<SqliteLogOptions> = {}): Promise<Log> {
  const log = storage.create({
    warn: (message: string) => warnings.push(message),
    startWorker: (folder: string) => {
      const worker = startFaultyWorker(folder, switches);
      workers.push(worker);
      return worker;
    },
    ...options,
  });
  await log.open();
  return log;
}

beforeEach(() => {
  storage = createSqliteStorage();
  switches = new Int32Array(new SharedArrayBuffer(16));
  workers = [];
  warnings = [];
});

afterEach(() => storage.destroy());

/** Waits until the log answers again after its worker has ended. */
async function recovered(log: Log): Promise<UpdateId> {
  return vi.waitFor(() => log.confirm(), { timeout: 10_000, interval: 20 });
}

describe("a worker that ends", () => {
  it("[L3][H5] under load costs no update, doubles none, and leaves no hole in the tail", async () => {
    const log = await openLog();
    const tail = follow(log);
    const acknowledged = new Map<string, UpdateId>();
    let stop = false;
    const produce = async (producer: number) => {
      for (let n = 0; !stop; n++) {
        const label = `${producer}:${n}`;
        acknowledged.set(label, await put(log, label));
      }
    };
    const producers = Promise.all(Array.from({ length: 8 }, (_, n) => produce(n)));
    for (let kill = 1; kill <= 4; kill++) {
      const before = acknowledged.size;
      await vi.waitUntil(() => acknowledged.size > before + 40, { timeout: 10_000, interval: 1 });
      await workers.at(-1)?.terminate();
      await vi.waitUntil(() => workers.length === kill + 1, { timeout: 10_000, interval: 5 });
    }
    const before = acknowledged.size;
    await vi.waitUntil(() => acknowledged.size > before + 40, { timeout: 10_000, interval: 5 });
    stop = true;
    await producers;
    const stored = (await readAll(log)) as Update[];
    expect(tail.updates()).toEqual(stored);
    expect(new Map(stored.map((update) => [labelOf(update), update.id]))).toEqual(acknowledged);
    expect(stored).toHaveLength(acknowledged.size);
    expect(warnings).toContain("The log's worker ended");
  });

  it("[H5] makes reads fail at once, and they work again by themselves", async () => {
    const log = await openLog();
    const id = await put(log, "a");
    const reading = log.read(id, 1000);
    await workers[0]?.terminate();
    await expect(Promise.all([reading, log.confirm()])).rejects.toMatchObject({ code: "log_unavailable" });
    expect(await recovered(log)).toBe(id);
  });

  it("does not make the counters of queries go back", async () => {
    const log = await openLog();
    await put(log, "a", 20);
    const before = await log.stats();
    await workers[0]?.terminate();
    await recovered(log);
    expect((await log.stats()).queries).toBeGreaterThan(before.queries);
  });

  it("[H6] does not keep a log from closing, nor a process from going on", async () => {
    const log = await openLog();
    await put(log, "a");
    switches[Fault.unopenable] = 1;
    await workers[0]?.terminate();
    await log.close();
    switches[Fault.unopenable] = 0;
    expect(await (await openLog()).confirm()).toMatch(/^\d+-0$/);
  });
});

describe("a COMMIT that fails after its writes", () => {
  it("[L3] but happened: the append succeeds, and the tail is told once", async () => {
    const log = await openLog();
    const tail = follow(log);
    const first = await put(log, "first");
    switches[Fault.commitDone] = 1;
    const [a, b, conflict] = await Promise.allSettled([
      put(log, "a", 2),
      log.append(requestOf("b", 1, "key")),
      log.append(requestOf("c", 1, "key")),
    ]);
    expect(workers).toHaveLength(2);
    const stored = (await readAll(log)) as Update[];
    expect(stored.map(labelOf)).toEqual(["first", "a/0", "a/1", "b"]);
    expect(tail.updates()).toEqual(stored);
    expect(a).toMatchObject({ value: stored[2]?.id });
    expect(b).toMatchObject({ value: { cursor: expect.stringContaining(stored[3]!.id), replayed: false } });
    expect(conflict).toMatchObject({ reason: { code: "idempotency_conflict" } });
    expect(tail.commits[1]?.from).toBe(first);
  });

  it("[L3] and did not happen: the append is tried again, and stored once", async () => {
    const log = await openLog();
    const tail = follow(log);
    switches[Fault.commitUndone] = 1;
    const [a, b] = await Promise.all([put(log, "a"), put(log, "b")]);
    expect(workers).toHaveLength(2);
    expect(await storage.storedIds()).toEqual([a, b]);
    expect(tail.updates().map(labelOf)).toEqual(["a", "b"]);
  });

  it("[L3] is an unknown outcome while nobody can look; later the log is read without a hole", async () => {
    const log = await openLog({ limits: { waitMs: 200, graceMs: 200 } });
    const tail = follow(log);
    const first = await put(log, "first");
    switches[Fault.commitDone] = 1;
    switches[Fault.unopenable] = 1;
    await expect(put(log, "stored")).rejects.toMatchObject({ code: "unknown_outcome" });
    await expect(put(log, "late")).rejects.toMatchObject({ code: "log_unavailable" });
    expect(tail.updates().map(labelOf)).toEqual(["first"]);
    switches[Fault.unopenable] = 0;
    const last = await recovered(log);
    expect(tail.commits.at(-1)).toMatchObject({ from: first, to: last });
    await put(log, "next");
    expect(tail.updates()).toEqual(await readAll(log));
    expect(tail.updates().map(labelOf)).toEqual(["first", "stored", "next"]);
  });

  it("[H5] does not store later what was given up as unknown", async () => {
    const log = await openLog({ limits: { waitMs: 200, graceMs: 200 } });
    switches[Fault.commitUndone] = 1;
    switches[Fault.unopenable] = 1;
    await expect(put(log, "given up")).rejects.toMatchObject({ code: "unknown_outcome" });
    switches[Fault.unopenable] = 0;
    await recovered(log);
    await put(log, "next");
    expect(((await readAll(log)) as Update[]).map(labelOf)).toEqual(["next"]);
  });
});

it("[L4] refuses to go on when the log went back in time under it, until it is opened again", async () => {
  const log = await openLog();
  const old = await put(log, "old");
  const { epoch } = await log.open();
  switches[Fault.unopenable] = 1;
  await workers[0]?.terminate();
  const file = join(storage.folder, "log.db");
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  renameSync(file, `${file}.lost`);
  switches[Fault.unopenable] = 0;
  await vi.waitUntil(() => warnings.includes("The log went back in time while it was in use"), {
    timeout: 10_000,
  });
  await expect(put(log, "a")).rejects.toMatchObject({ code: "log_unavailable" });
  await expect(log.read(old, 1000)).rejects.toMatchObject({ code: "log_unavailable" });
  const opened = await log.open(old);
  expect(opened.epoch).not.toBe(epoch);
  expect(await log.read(old, 1000)).toEqual({ status: "gone" });
  expect(compareIds(await put(log, "b"), old)).toBeGreaterThan(0);
});

describe("a group", () => {
  it("[L3] takes what arrives in one turn, and what arrives within the window after it", async () => {
    const log = await openLog({ limits: { windowMs: 200 } });
    const tail = follow(log);
    await Promise.all(Array.from({ length: 50 }, (_, n) => put(log, `first ${n}`)));
    const started = performance.now();
    const second = put(log, "second");
    setTimeout(() => void put(log, "third"), 20);
    await second;
    expect(performance.now() - started).toBeGreaterThan(100);
    expect(tail.commits.map(({ updates }) => updates.length)).toEqual([50, 2]);
  });

  it("[H5] is refused as overloaded when too many wait, and those that wait are stored", async () => {
    const log = await openLog({ limits: { maxRequests: 10 } });
    const answers = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => put(log, `${n}`)));
    const codes = answers.map((answer) => (answer.status === "rejected" ? codeOf(answer.reason) : "stored"));
    expect(codes).toEqual([...Array(10).fill("stored"), ...Array(5).fill("overloaded")]);
    expect(await storage.storedIds()).toHaveLength(10);
    await put(log, "later");
  });

  it("[H5] is bounded in bytes too, but takes one large request when nothing waits", async () => {
    const log = await openLog({ limits: { maxBytes: 2000 } });
    const large = (label: string) =>
      log.append({ updates: [{ ch: "orders", items: [{ order: label, note: "x".repeat(3000) }] }] });
    const [first, second] = await Promise.allSettled([large("a"), large("b")]);
    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({ reason: { code: "overloaded" } });
    expect(idOf((await large("c")).cursor)).toMatch(/^\d+-\d+$/);
  });
});
