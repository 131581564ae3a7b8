import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";

/** The write-ahead log is cut back to this many bytes after a long reader let it grow. */
const WAL_KEEP_BYTES = 64 * 1024 * 1024;
/** So many compiled statements are kept; groups of rows have as many texts as sizes. */
const MAX_STATEMENTS = 300;

export interface SqliteOptions {
  /** How long a statement waits for another process that writes, ms. The calling thread waits with it. */
  busyMs: number;
}

/** Opens a database file in a folder, which is made when it is not there. Throws SQLite's errors. */
export function openSqliteFile<Tables>(
  folder: string,
  name: string,
  { busyMs }: SqliteOptions,
): Kysely<Tables> {
  mkdirSync(folder, { recursive: true });
  const db = new Sqlite(join(folder, name), { timeout: busyMs });
  db.pragma("journal_mode = WAL");
  // A power cut may take the last transactions, and leaves the file sound.
  db.pragma("synchronous = NORMAL");
  db.pragma(`journal_size_limit = ${WAL_KEEP_BYTES}`);
  const statements = new Map<string, Sqlite.Statement<unknown[]>>();
  const prepare = (text: string) => {
    const statement = statements.get(text) ?? db.prepare<unknown[]>(text);
    // Taken out and put back, the map's order is that of use.
    statements.delete(text);
    statements.set(text, statement);
    if (statements.size > MAX_STATEMENTS) statements.delete(statements.keys().next().value!);
    return statement;
  };
  const database = { close: () => void db.close(), prepare };
  return new Kysely({ dialect: new SqliteDialect({ database: database as never }) });
}
