import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareIds, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { follow, isStrictlyIncreasing, labelOf, put, readAll } from "../support/log-harness";
import { type LogProcess, startLogProcess } from "../support/log-processes";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

// Each test starts several processes, which on a busy machine take seconds each.

let storage: SqliteStorage;
let running: LogProcess[];

function start(mode: string, limits?: string): LogProcess {
  const child = startLogProcess(mode, storage.folder, limits);
  running.push(child);
  return child;
}

beforeEach(() => {
  storage = createSqliteStorage();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((child) => child.kill()));
  await storage.destroy();
});

describe("kill -9", () => {
  it("[L3][L2][L4] loses nothing acknowledged, halves no request, and goes on in the same log", async () => {
    const acknowledged = new Map<string, UpdateId>();
    const epochs = new Set<string>();
    let stored: Update[] = [];
    for (let round = 0; round < 6; round++) {
      const child = start("append");
      const [, epoch, head] = await child.says("open");
      epochs.add(epoch!);
      expect(head).toBe(stored.at(-1)?.id ?? ZERO_ID);
      await child.says("ack");
      await delay(Math.random() * 150);
      await child.kill();
      for (const [word, label, id] of child.said) if (word === "ack") acknowledged.set(label!, id!);

      const log = storage.create();
      epochs.add((await log.open(stored.at(-1)?.id)).epoch);
      const now = await readAll(log);
      await log.close();
      if (now === "gone") throw new Error("gone");
      expect(now.slice(0, stored.length)).toEqual(stored);
      stored = now;
    }
    expect(epochs.size).toBe(1);
    expect(acknowledged.size).toBeGreaterThan(30);
    expect(isStrictlyIncreasing(stored.map((update) => update.id))).toBe(true);
    const places = new Map(stored.map((update) => [labelOf(update), update.id]));
    expect(places.size).toBe(stored.length);
    // A producer's n-th request has 1 + n % 3 updates, and it sends the next one after the acknowledgement.
    const labels = new Set(stored.map((update) => labelOf(update).split("/")[0]!));
    for (const label of labels) {
      const [pid, producer, n] = label.split(":");
      const count = 1 + (Number(n) % 3);
      const parts = count === 1 ? [label] : Array.from({ length: count }, (_, i) => `${label}/${i}`);
      expect(parts.every((part) => places.has(part))).toBe(true);
      if (n !== "0") expect(labels).toContain(`${pid}:${producer}:${Number(n) - 1}`);
      if (acknowledged.has(label)) expect(acknowledged.get(label)).toBe(places.get(parts.at(-1)!));
      acknowledged.delete(label);
    }
    expect([...acknowledged.keys()]).toEqual([]);
  }, 120_000);

  it("[L3] between commit and acknowledgement keeps what was committed", async () => {
    const child = start("die-after-commit");
    expect((await child.ended).signal).toBe("SIGKILL");
    const acks = child.said.filter(([word]) => word === "ack").map(([, id]) => id);
    const [, epoch, committed] = await child.says("committed");
    expect(acks).toHaveLength(2);
    const log = storage.create();
    expect(await log.open(committed)).toMatchObject({ epoch, head: committed });
    expect((await readAll(log)) as Update[]).toEqual(
      [...acks, committed].map((id) => expect.objectContaining({ id })),
    );
    expect(compareIds(await put(log, "b"), committed!)).toBeGreaterThan(0);
  });
});

describe("one process for a folder", () => {
  it("[L3] refuses a second one, names the folder, and lets it in after a kill -9", async () => {
    const child = start("hold");
    await child.says("open");
    const log = storage.create();
    await expect(log.open()).rejects.toMatchObject({
      code: "log_unavailable",
      message: `Another Nowboard process is using ${storage.folder}`,
    });
    await child.kill();
    expect(await log.open()).toMatchObject({ head: ZERO_ID });
    const second = start("hold");
    expect((await second.ended).code).toBe(1);
    expect(second.said[0]?.join(" ")).toContain(storage.folder);
  });

  it("[L3] says clearly when the folder cannot be used", async () => {
    const log = storage.create({ folder: "/dev/null/data" });
    await expect(log.open()).rejects.toMatchObject({
      code: "log_unavailable",
      message: expect.stringContaining("/dev/null/data"),
    });
  });

  it("[H6] keeps no process alive once it is closed", async () => {
    const child = start("close");
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.said).toEqual([["closed"]]);
  });
});

describe("a database that another process holds", () => {
  it("[L3] is waited for, while reading goes on, and nothing is lost", async () => {
    const log = storage.create();
    await log.open();
    const first = await put(log, "first");
    const tail = follow(log);
    const locker = start("lock");
    await locker.says("locked");
    const waiting = Promise.all(Array.from({ length: 20 }, (_, n) => put(log, `waiting ${n}`)));
    const settled = vi.fn();
    waiting.finally(settled).catch(() => {});
    for (let n = 0; n < 20; n++) {
      expect(await log.confirm()).toBe(first);
      expect(await readAll(log)).toHaveLength(1);
    }
    await delay(500);
    expect(settled).not.toHaveBeenCalled();
    locker.process.stdin?.write("release\n");
    const ids = await waiting;
    expect(await storage.storedIds()).toEqual([first, ...ids]);
    expect(tail.updates().map((update) => update.id)).toEqual(ids);
  });

  it("[H5] for too long makes appends fail with log_busy: nothing was stored, and later ones succeed", async () => {
    const log = storage.create({ limits: { waitMs: 300 } });
    await log.open();
    const tail = follow(log);
    const locker = start("lock");
    await locker.says("locked");
    const refused = await Promise.allSettled([put(log, "a"), put(log, "b")]);
    expect(refused).toEqual([
      { status: "rejected", reason: expect.objectContaining({ code: "log_busy" }) },
      { status: "rejected", reason: expect.objectContaining({ code: "log_busy" }) },
    ]);
    await expect(log.trim()).rejects.toMatchObject({ code: "log_busy" });
    locker.process.stdin?.write("release\n");
    await locker.says("released");
    const id = await put(log, "c");
    expect(await storage.storedIds()).toEqual([id]);
    expect(tail.updates().map(labelOf)).toEqual(["c"]);
  });
});

describe("a full disk", () => {
  // 2 MB for each file of the process: a write beyond that fails, and for SQLite that is a full disk.
  const LIMIT = "-S -f 2048";

  it("[L3][H5] refuses appends with storage_full, acknowledges none of them, and recovers with room", async () => {
    const child = start("fill", LIMIT);
    const [, acknowledged, readable, head] = await child.says("full");
    const { said } = child;
    const refusals = said.filter(([word]) => word === "refused");
    expect(new Set(refusals.map(([, code]) => code))).toEqual(new Set(["storage_full"]));
    expect(Number(acknowledged)).toBeGreaterThan(20);
    expect(readable).toBe(acknowledged);
    const acks = () => said.filter(([word]) => word === "ack").map(([, id]) => id);
    expect(head).toBe(acks().at(-1));
    execFileSync("prlimit", ["--pid", String(child.process.pid), "--fsize=unlimited:"]);
    await child.says("closed");
    expect(await storage.storedIds()).toEqual(acks());
    expect(acks()).toHaveLength(Number(acknowledged) + 1);
  });

  it("[L5] does not stop a log that is trimmed: what was trimmed is room for what comes", async () => {
    const child = start("churn", LIMIT);
    await child.says("closed");
    const acks = child.said.filter(([word]) => word === "ack");
    expect(acks.length).toBeGreaterThan(290);
    expect(acks.length * 20_000).toBeGreaterThan(2 * 2048 * 1024);
  });

  it("[L3] met by a kill -9 leaves the log whole", async () => {
    const child = start("fill", LIMIT);
    await child.says("full");
    await child.kill();
    const acks = child.said.filter(([word]) => word === "ack").map(([, id]) => id);
    const log = storage.create();
    expect(await log.open()).toMatchObject({ head: acks.at(-1) });
    expect(await storage.storedIds()).toEqual(acks);
    expect(compareIds(await put(log, "after"), acks.at(-1)!)).toBeGreaterThan(0);
  });
});
