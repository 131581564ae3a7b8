import { join } from "node:path";
import { parentPort, Worker, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { openDatabase } from "@/lib/server/log/sqlite-database";
import { createSqliteStore } from "@/lib/server/log/sqlite-store";
import { serveStore } from "@/lib/server/log/store-calls";
import { CodedError } from "@/lib/shared/codes";

/** What goes wrong in the worker; a switch is an index into `switches`, and stays on until it is set to 0. */
export const Fault = {
  /** The next COMMIT fails without having happened; once. */
  commitUndone: 0,
  /** The next COMMIT happens and fails all the same; once. */
  commitDone: 1,
  /** The database cannot be opened. */
  unopenable: 2,
} as const;

/** The log's own store in a worker whose database fails on command. */
export function startFaultyWorker(folder: string, switches: Int32Array): Worker {
  const script = JSON.stringify(import.meta.url);
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return import(${script}); });`;
  return new Worker(code, { eval: true, workerData: { folder, switches }, execArgv: [] });
}

function openFaulty(folder: string, switches: Int32Array): Database.Database {
  if (switches[Fault.unopenable]) throw new CodedError("log_unavailable", "a fault of the test");
  return failCommits(openDatabase(join(folder, "log.db")), (commit) => {
    if (Atomics.exchange(switches, Fault.commitUndone, 0)) throw failedSync();
    commit();
    if (Atomics.exchange(switches, Fault.commitDone, 0)) throw failedSync();
  });
}

/** Lets `during` stand in for each COMMIT of a connection. */
export function failCommits(db: Database.Database, during: (commit: () => void) => void): Database.Database {
  const prepare = db.prepare.bind(db) as (sql: string) => Database.Statement<unknown[], unknown>;
  db.prepare = ((sql: string) => {
    const statement = prepare(sql);
    if (sql !== "COMMIT") return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      during(() => run());
      return { changes: 0, lastInsertRowid: 0 };
    };
    return statement;
  }) as typeof db.prepare;
  return db;
}

/** What SQLite reports when the sync after a COMMIT's writes failed. */
export function failedSync(): Error {
  return new Database.SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC");
}

if (parentPort && workerData?.switches) {
  const { folder, switches } = workerData;
  serveStore(
    parentPort,
    createSqliteStore(() => openFaulty(folder, switches)),
  );
}
