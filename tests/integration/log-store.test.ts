import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KEY_LIFE_MS } from "@/lib/server/log/commit";
import { openDatabase } from "@/lib/server/log/sqlite-database";
import { createSqliteStore, type SqliteStore } from "@/lib/server/log/sqlite-store";
import { codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import { commitTime, sourceTime, type Update } from "@/lib/shared/state";
import { failCommits, failedSync } from "../support/log-faulty-worker";
import { follow, isStrictlyIncreasing, readAll } from "../support/log-harness";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

let storage: SqliteStorage;
let stores: SqliteStore[];

function openStore(connect = () => openDatabase(join(storage.folder, "log.db"))): SqliteStore {
  const store = createSqliteStore(connect);
  stores.push(store);
  store.open();
  return store;
}

/** Commits one update at each of these times. Answers their ids. */
function commitAt(store: SqliteStore, ...times: number[]): UpdateId[] {
  return store.commit(
    "group",
    times.map((at) => ({ at, bodies: [`{"ch":"orders","items":[]}`] })),
  ).ids;
}

function codeOfThrown(work: () => unknown): string | undefined {
  try {
    work();
    return "nothing was thrown";
  } catch (error) {
    return codeOf(error);
  }
}

beforeEach(() => {
  storage = createSqliteStorage();
  stores = [];
});

afterEach(async () => {
  for (const store of stores) store.close();
  await storage.destroy();
});

describe("a clock that steps back", () => {
  it("[L1][L2] changes neither the order nor the uniqueness of ids, and `at` says when it really was", async () => {
    let clock = 1_800_000_000_000;
    const log = storage.create({ now: () => clock });
    await log.open();
    const tail = follow(log);
    const append = (ts?: number) => log.append({ updates: [{ ch: "cpu", set: { load: 1 }, ts }] });
    await append();
    clock -= 3_600_000;
    await append();
    // A source time equal to the id's ms, which is not the commit's: it has to stay readable.
    await append(1_800_000_000_000);
    clock += 7_200_000;
    await append(clock);
    const updates = (await readAll(log)) as Update[];
    expect(updates.map(({ id, at, ts }) => ({ id, at, ts }))).toEqual([
      { id: "1800000000000-0", at: undefined, ts: undefined },
      { id: "1800000000000-1", at: 1_799_996_400_000, ts: undefined },
      { id: "1800000000000-2", at: 1_799_996_400_000, ts: 1_800_000_000_000 },
      { id: "1800003600000-0", at: undefined, ts: undefined },
    ]);
    expect(updates.map(sourceTime)).toEqual([
      1_800_000_000_000, 1_799_996_400_000, 1_800_000_000_000, 1_800_003_600_000,
    ]);
    expect(updates.map(commitTime)[2]).toBe(1_799_996_400_000);
    expect(tail.updates()).toEqual(updates);
  });

  it("[L2] during a restart does not give an id again, even when everything was trimmed", async () => {
    const before = storage.create({ now: () => 2_000_000 });
    await before.open();
    const { cursor } = await before.append({ updates: [{ ch: "cpu", set: {} }] });
    await before.saveCheckpoint({ id: "2000000-0", states: {} });
    await before.close();
    const trimming = storage.create({ now: () => 9_000_000, retentionMs: 1 });
    await trimming.open();
    expect(await trimming.trim()).toBe("2000000-0");
    await trimming.close();
    const after = storage.create({ now: () => 1_000_000 });
    await after.open();
    const next = await after.append({ updates: [{ ch: "cpu", set: {} }] });
    expect(next.cursor).toBe(cursor.replace("2000000-0", "2000000-1"));
  });

  it("[L5] never makes an entry that is too young leave: what lies behind it stays too", () => {
    const store = openStore();
    const ids = commitAt(store, 1000, 2000, 9000, 3000, 3001);
    store.saveCheckpoint(ids[4]!, "{}");
    expect(store.trim(5000, 0)).toEqual({ floor: ids[1], more: false });
    expect(store.read(ids[1]!, 10_000)?.updates.map(({ at }) => at)).toEqual([9000, 3000, 3001]);
    expect(store.trim(9001, 0)).toEqual({ floor: ids[4], more: false });
  });
});

describe("trimming", () => {
  it("[L5] goes in steps, so that commits need not wait for long", () => {
    const store = openStore();
    const ids = commitAt(store, ...Array.from({ length: 1200 }, (_, n) => n + 1));
    store.saveCheckpoint(ids[1199]!, "{}");
    const floors: UpdateId[] = [];
    for (let more = true; more; ) {
      const step = store.trim(10_000, 0);
      floors.push(step.floor);
      more = step.more;
    }
    expect(floors).toEqual([ids[499], ids[999], ids[1199]]);
    expect(store.stats().entries).toBe(0);
  });

  it("[T5] forgets an idempotency key a day after its commit, not before", () => {
    const store = openStore();
    const key = { scope: "s", key: "k", fingerprint: "f" };
    const append = (at: number) =>
      store.commit("group", [{ at, bodies: ["{}"], idempotency: key }]).outcomes[0]?.kind;
    const rows = () => storage.raw((db) => db.prepare("SELECT count(*) AS n FROM idempotency").get());
    expect(append(1000)).toBe("appended");
    store.trim(0, 1000);
    expect(rows()).toEqual({ n: 1 });
    expect(append(1000 + KEY_LIFE_MS)).toBe("replayed");
    expect(append(1001 + KEY_LIFE_MS)).toBe("appended");
    expect(append(1002 + KEY_LIFE_MS)).toBe("replayed");
    store.trim(0, 1002 + KEY_LIFE_MS);
    expect(rows()).toEqual({ n: 0 });
  });
});

describe("no room", () => {
  it("[L3] is storage_full, changes nothing, leaves reading alone, and ends when there is room", () => {
    let db: Database.Database | undefined;
    const store = openStore(() => {
      db = openDatabase(join(storage.folder, "log.db"));
      return db;
    });
    const [first] = commitAt(store, 1000);
    const pages = db?.pragma("page_count", { simple: true });
    db?.pragma(`max_page_count = ${pages}`);
    const big = { at: 2000, bodies: [`{"ch":"orders","by":"${"x".repeat(50_000)}"}`] };
    expect(codeOfThrown(() => store.commit("big", [{ at: 2000, bodies: ["{}"] }, big]))).toBe("storage_full");
    expect(store.read(ZERO_ID, 1000)?.updates.map(({ id }) => id)).toEqual([first]);
    expect(store.outcomesOf("big")).toBeNull();
    db?.pragma("max_page_count = 100000");
    expect(store.commit("big", [big]).ids).toEqual(["2000-0"]);
  });
});

describe("a COMMIT of unknown outcome", () => {
  it("[L3] throws an error without a code, so that nobody goes on with this connection", () => {
    const store = openStore(() =>
      failCommits(openDatabase(join(storage.folder, "log.db")), (commit) => {
        commit();
        throw failedSync();
      }),
    );
    expect(codeOfThrown(() => commitAt(store, 1000))).toBeUndefined();
  });

  it("[L3] is known once the database was looked at again", () => {
    const store = openStore();
    const { outcomes } = store.commit("stored", [
      { at: 1, bodies: ["{}"] },
      { at: 1, bodies: ["{}", "{}"] },
    ]);
    store.open();
    expect(store.outcomesOf("stored")).toEqual(outcomes);
    expect(outcomes.map((outcome) => outcome.kind === "appended" && outcome.id)).toEqual(["1-0", "1-2"]);
    expect(store.outcomesOf("another")).toBeNull();
  });

  it("[L3] that was answered with no does not come to life in a later crash", () => {
    const store = openStore();
    const files = ["log.db", "log.db-wal"].map((name) => join(storage.folder, name));
    const shared = join(storage.folder, "log.db-shm");
    const other = new Database(files[0]!);
    try {
      const [kept] = commitAt(store, 1000);
      other.prepare("SELECT count(*) FROM updates").get();
      // The state after a failed sync: the transaction is in the write-ahead log, with its commit mark, but
      // the index in shared memory, by which everybody reads, does not go that far.
      const index = readFileSync(shared);
      store.commit("unknown", [{ at: 2000, bodies: ["{}"] }]);
      store.close();
      writeFileSync(shared, index);

      store.open();
      expect(store.read(kept!, 1000)?.updates).toEqual([]);
      expect(store.outcomesOf("unknown")).toBeNull();

      const crashed = join(storage.folder, "crashed");
      mkdirSync(crashed);
      for (const file of files) copyFileSync(file, file.replace(storage.folder, crashed));
      const later = openStore(() => openDatabase(join(crashed, "log.db")));
      expect(later.head()).toBe(kept);
    } finally {
      other.close();
    }
  });
});

describe("opening", () => {
  it("[L2][L4] with an id that the log has lost gives only greater ones from then on", () => {
    const store = openStore();
    commitAt(store, 1000);
    store.open("5000-7");
    expect(commitAt(store, 2000)).toEqual(["5000-8"]);
  });

  it("[L4] refuses a file that is no database, without touching it", async () => {
    const file = join(storage.folder, "log.db");
    writeFileSync(file, "this is not a database, it is a text ".repeat(100));
    const log = storage.create();
    await expect(log.open()).rejects.toMatchObject({ code: "log_unavailable" });
    expect(readFileSync(file, "utf8")).toContain("it is a text");
  });

  it("[L4] refuses the database of a later version", async () => {
    openStore().close();
    storage.raw((db) => db.pragma("user_version = 99"));
    await expect(storage.create().open()).rejects.toMatchObject({
      code: "log_unavailable",
      message: expect.stringContaining("another version"),
    });
  });

  it("[L3] syncs each commit, and lets other tools look", () => {
    let db: Database.Database | undefined;
    const store = openStore(() => {
      db = openDatabase(join(storage.folder, "log.db"));
      return db;
    });
    expect(db?.pragma("synchronous", { simple: true })).toBe(2);
    expect(db?.pragma("journal_mode", { simple: true })).toBe("wal");
    commitAt(store, 1000);
    expect(storage.raw((raw) => raw.prepare("SELECT count(*) AS n FROM updates").get())).toEqual({ n: 1 });
    store.close();
    expect(codeOfThrown(() => store.head())).toBe("log_unavailable");
  });
});

describe("any history", () => {
  const time = fc.integer({ min: 1, max: 5000 });
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant("commit" as const), times: fc.array(time, { maxLength: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("checkpoint" as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("trim" as const), before: time }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
  );

  it("[L1][L2][L5] keeps order, gives no id twice, and reads completely or answers gone", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 300 }),
        (history, maxBytes) => {
          const folder = mkdtempSync(join(storage.folder, "run-"));
          const store = createSqliteStore(() => openDatabase(join(folder, "log.db")));
          try {
            runHistory(store, history, maxBytes);
          } finally {
            store.close();
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function runHistory(store: SqliteStore, history: Step[], maxBytes: number): void {
    const given: { id: UpdateId; at: number }[] = [];
    let { epoch, floor } = store.open();
    let checkpoint = ZERO_ID;
    for (const [n, action] of history.entries()) {
      if (action.do === "commit") {
        const requests = action.times.map((at) => ({ at, bodies: [`{"ch":"orders"}`] }));
        const { ids } = store.commit(`group ${n}`, requests);
        given.push(...ids.map((id, i) => ({ id, at: action.times[i]! })));
      }
      if (action.do === "checkpoint" && given.length > 0) {
        checkpoint = given[action.pick % given.length]!.id;
        store.saveCheckpoint(checkpoint, "{}");
      }
      if (action.do === "trim") {
        const left = given.filter(({ id }) => compareIds(id, floor) > 0);
        const readable = checkpoint === floor || left.some(({ id }) => id === checkpoint);
        const end = left.findIndex(
          ({ id, at }) => at >= action.before || !readable || compareIds(id, checkpoint) > 0,
        );
        const dropped = end < 0 ? left : left.slice(0, end);
        floor = dropped.at(-1)?.id ?? floor;
        expect(store.trim(action.before, 0).floor).toBe(floor);
      }
      if (action.do === "reopen") {
        const opened = store.open(given.at(-1)?.id);
        expect(opened).toMatchObject({ epoch, floor, head: given.at(-1)?.id ?? ZERO_ID });
        epoch = opened.epoch;
      }
    }
    expect(isStrictlyIncreasing(given.map(({ id }) => id))).toBe(true);
    for (const from of [ZERO_ID, ...given.map(({ id }) => id)]) {
      const rest = given.filter(({ id }) => compareIds(id, from) > 0);
      expect(readPages(store, from, maxBytes)).toEqual(compareIds(from, floor) < 0 ? "gone" : rest);
    }
  }

  function readPages(store: SqliteStore, after: UpdateId, maxBytes: number) {
    const found: { id: UpdateId; at: number }[] = [];
    for (let from = after; ; ) {
      const page = store.read(from, maxBytes);
      if (!page) return "gone";
      found.push(...page.updates.map(({ id, at }) => ({ id, at })));
      if (page.to === page.head) return found;
      from = page.to;
    }
  }
});
