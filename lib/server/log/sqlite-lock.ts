import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { CodedError, codeOf } from "@/lib/shared/codes";
import { toCodedError } from "./sqlite-errors";

/**
 * Makes this process the only one that uses a data folder (L3). The lock is SQLite's on a file of its own,
 * `lock.db`, so that `log.db` can be looked at with other tools meanwhile. The system drops it together with
 * the process, so a `kill -9` leaves nothing to clean up. Returns the way to release it.
 *
 * Throws `log_unavailable`, naming the folder, when it is in use or cannot be used.
 */
export function lockFolder(folder: string): () => void {
  let db: Database.Database | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    db = new Database(join(folder, "lock.db"), { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    if (codeOf(toCodedError(error)) === "log_busy")
      throw new CodedError("log_unavailable", `Another Nowboard process is using ${folder}`, {
        cause: error,
      });
    const detail = `The data folder ${folder} cannot be used: ${(error as Error).message}`;
    throw new CodedError("log_unavailable", detail, { cause: error });
  }
  return () => db.close();
}
