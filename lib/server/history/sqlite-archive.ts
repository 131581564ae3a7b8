import { openSqliteFile } from "../database/sqlite";
import type { Database, Dialect, Tables } from "./schema";

export const SQLITE: Dialect = { clustered: "without rowid" };

/** How long a statement waits for another process that writes. Only this thread waits. */
const BUSY_MS = 1000;

/**
 * Opens `history.db` in a folder, which is made when it is not there. What a power cut takes is read from the log once
 * more, as the cursor is taken back with it.
 */
export function openSqlite(folder: string): Database {
  return openSqliteFile<Tables>(folder, "history.db", { busyMs: BUSY_MS });
}
