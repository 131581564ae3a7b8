import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Log } from "@/lib/server/log/log";
import { createSqliteLog, type SqliteLogOptions } from "@/lib/server/log/sqlite-log";
import type { LogStorage } from "./log-harness";

export type SqliteStorage = LogStorage & {
  folder: string;
  create(options?: Partial<SqliteLogOptions>): Log;
  /** A connection of its own to the database, past the engine. */
  raw<T>(work: (db: Database.Database) => T): T;
};

/** A data folder for embedded logs. */
export function createSqliteStorage(): SqliteStorage {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-log-"));
  const copies = mkdtempSync(join(tmpdir(), "nowboard-log-copies-"));
  const logs: Log[] = [];

  function raw<T>(work: (db: Database.Database) => T): T {
    const db = new Database(join(folder, "log.db"));
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  return {
    folder,
    raw,
    create: (options) => {
      const log = createSqliteLog({ folder, warn: () => {}, ...options });
      logs.push(log);
      return log;
    },
    // Not an async function's first await: the storage is read before this returns.
    storedIds: () => Promise.resolve(raw(storedIds)),
    backUp: async () => {
      const copy = mkdtempSync(join(copies, "copy-"));
      cpSync(folder, copy, { recursive: true });
      return async () => {
        rmSync(folder, { recursive: true });
        cpSync(copy, folder, { recursive: true });
      };
    },
    spoilCheckpoint: async () => raw((db) => void db.exec(`UPDATE checkpoint SET states = '{"orders": 7}'`)),
    destroy: async () => {
      await Promise.all(logs.map((log) => log.close()));
      rmSync(folder, { recursive: true, force: true });
      rmSync(copies, { recursive: true, force: true });
    },
  };
}

function storedIds(db: Database.Database): string[] {
  const rows = db
    .prepare<[], { id: string }>("SELECT ms || '-' || seq AS id FROM updates ORDER BY ms, seq")
    .all();
  return rows.map(({ id }) => id);
}
