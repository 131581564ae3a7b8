import Database from "better-sqlite3";
import { CodedError } from "@/lib/shared/codes";
import { ZERO_ID } from "@/lib/shared/cursor";
import { newEpoch } from "./epoch";

/** How long one attempt waits for another process. Reads wait behind it, so it is short and repeated. */
const BUSY_MS = 25;
/** The write-ahead log is cut back to this many bytes after a long reader let it grow. */
const WAL_KEEP_BYTES = 64 * 1024 * 1024;
const SCHEMA_VERSION = 1;

/**
 * `log` has one row: what is true of the log as a whole, written together with the updates it speaks of.
 * `last` is the newest id ever given, `floor` the newest one trimmed, `commit_token` and `commit_outcomes`
 * what the latest group commit answered. `at` is the commit time in ms, `body` an update as JSON text
 * without its id. `idempotency.id` is where the request of that key lies.
 */
const SCHEMA = `
  CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL, last TEXT NOT NULL, floor TEXT NOT NULL, entries INTEGER NOT NULL,
    commit_token TEXT, commit_outcomes TEXT, seals INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE updates (
    ms INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (ms, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE idempotency (
    scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, id TEXT NOT NULL,
    created INTEGER NOT NULL, PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_created ON idempotency (created);
  CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, states TEXT NOT NULL CHECK (json_valid(states))) STRICT;
`;

/** Opens the log's database, making it when it is not there. Throws SQLite's errors and `log_unavailable`. */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    if (db.pragma("journal_mode = WAL", { simple: true }) !== "wal")
      throw new CodedError("log_unavailable", `${file} cannot have a write-ahead log on this file system`);
    db.pragma("synchronous = FULL");
    db.pragma(`journal_size_limit = ${WAL_KEEP_BYTES}`);
    if (schemaVersion(db) === 0) db.transaction(createSchema).immediate(db);
    if (schemaVersion(db) !== SCHEMA_VERSION)
      throw new CodedError("log_unavailable", `${file} was written by another version of Nowboard`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function schemaVersion(db: Database.Database): unknown {
  return db.pragma("user_version", { simple: true });
}

function createSchema(db: Database.Database): void {
  db.exec(SCHEMA);
  db.prepare("INSERT INTO log (one, epoch, last, floor, entries) VALUES (1, ?, ?, ?, 0)").run(
    newEpoch(),
    ZERO_ID,
    ZERO_ID,
  );
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
}
