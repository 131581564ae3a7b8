import { CodedError } from "@/lib/shared/codes";

/** SQLite's result code of anything thrown, such as `SQLITE_BUSY`; `undefined` when it is not SQLite's. */
function sqliteCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}

/** Another connection has the lock, so nothing was written. */
function isBusy(code: string): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(code);
}

/**
 * No room. SQLite tells ENOSPC (`SQLITE_FULL`) from other failed writes, such as EFBIG and EDQUOT, which
 * all become `SQLITE_IOERR_WRITE`.
 */
function isFull(code: string): boolean {
  return code === "SQLITE_FULL" || code === "SQLITE_IOERR_WRITE";
}

/** SQLite's errors in our codes, for work that is known to have changed nothing. Others stay as they are. */
export function toCodedError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const { message } = error as Error;
  if (isBusy(code)) return new CodedError("log_busy", "Another process holds the log", { cause: error });
  if (isFull(code))
    return new CodedError("storage_full", `The log cannot grow: ${message} (${code})`, { cause: error });
  return new CodedError("log_unavailable", `SQLite: ${message} (${code})`, { cause: error });
}

/**
 * Whether a failed COMMIT left nothing behind. A transaction's last page carries its commit mark, so when a
 * write failed the mark is not in the write-ahead log. When something failed after the writes (the sync, the
 * shared memory), the mark may be there, and a later recovery may bring the transaction to life.
 */
export function commitSurelyFailed(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && (isBusy(code) || isFull(code));
}
