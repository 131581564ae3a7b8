import { statSync } from "node:fs";
import type Database from "better-sqlite3";
import { CodedError } from "@/lib/shared/codes";
import { compareIds, idMs, nextId, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import { laterId } from "@/lib/shared/state";
import { type CommitRequest, judgePlaces, KEY_LIFE_MS, type Outcome } from "./commit";
import { newEpoch } from "./epoch";
import type { LogPosition, LogStats } from "./log";
import { commitSurelyFailed, toCodedError } from "./sqlite-errors";
import { idSeq, type LogRow, prepareStatements, type QueryCount, type Statements } from "./sqlite-statements";

/** One trim step deletes at most this many rows, so that a commit never waits long behind it. */
const TRIM_ROWS = 500;

export interface StoredUpdate {
  id: UpdateId;
  at: number;
  body: string;
}

/**
 * The log in a SQLite database: synchronous, on one connection. Ids and times come in from outside.
 *
 * Every operation throws a `CodedError` when it is known to have changed nothing. Anything else thrown
 * (a COMMIT of unknown outcome first of all) means that the connection must not be used any more.
 */
export interface SqliteStore {
  /** Opens the database and compares it with `seen` (see `Log.open`). The checkpoint's states are JSON text. */
  open(seen?: UpdateId): LogPosition & { checkpoint?: { id: UpdateId; states: string } };
  /** Appends a group of requests in one transaction. `ids` are those of all new updates, in order. */
  commit(token: string, requests: CommitRequest[]): { ids: UpdateId[]; outcomes: Outcome[] };
  /** What the group of this token came to, or `null` when it was not stored and never will be. */
  outcomesOf(token: string): Outcome[] | null;
  /** See `Log.read`; `null` means gone. */
  read(after: UpdateId, maxBytes: number): { head: UpdateId; to: UpdateId; updates: StoredUpdate[] } | null;
  /** See `Log.places`. */
  places(of: readonly string[]): Record<string, string>;
  /** See `Log.seek`. */
  seek(ms: number): UpdateId;
  head(): UpdateId;
  saveCheckpoint(id: UpdateId, states: string): void;
  /** One step of `Log.trim`: drops what was committed before `before` (ms), and keys of an earlier day. */
  trim(before: number, keysBefore: number): { floor: UpdateId; more: boolean };
  stats(): LogStats;
  close(): void;
}

/** `openDatabase` makes a configured connection; it is called by each `open`. */
export function createSqliteStore(openDatabase: () => Database.Database): SqliteStore {
  const count: QueryCount = { queries: 0, slow: 0 };
  let db: Database.Database | undefined;
  let sql: Statements | undefined;

  function statements(): Statements {
    if (!sql) throw new CodedError("log_unavailable", "The log is not open");
    return sql;
  }

  function logRow(): LogRow {
    const row = statements().log.get();
    if (!row) throw new CodedError("log_unavailable", "The log's own row is missing from its database");
    return row;
  }

  function head(): UpdateId {
    const newest = statements().newest.get();
    return newest ? `${newest.ms}-${newest.seq}` : logRow().floor;
  }

  /** Whether reading may start at `id`. What was trimmed or never there is not distinguished (L5). */
  function isReadable(id: UpdateId): boolean {
    return statements().exists.get(idMs(id), idSeq(id)) !== undefined || id === logRow().floor;
  }

  function transaction<T>(work: () => T): T {
    const { begin, commit, rollback } = statements();
    begin.run();
    let result: T;
    try {
      result = work();
    } catch (error) {
      if (db?.inTransaction) rollback.run();
      throw error;
    }
    try {
      commit.run();
    } catch (error) {
      if (!commitSurelyFailed(error)) throw new Error("The outcome of a COMMIT is unknown", { cause: error });
      if (db?.inTransaction) rollback.run();
      throw error;
    }
    return result;
  }

  /** Turns SQLite's errors into ours. When there is no room, old pages are moved out of the way first. */
  function coded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const known = toCodedError(error);
      if ((known as CodedError).code === "storage_full") reuseWal();
      throw known;
    }
  }

  /**
   * SQLite empties its write-ahead log only after a commit, which a full disk prevents. Emptying it here
   * gives the next commit its room back, as trimmed pages in the database are free for reuse.
   */
  function reuseWal(): void {
    try {
      db?.pragma("wal_checkpoint(PASSIVE)");
    } catch {
      // Still no room: the next commit tells.
    }
  }

  function appendOne(request: CommitRequest, last: UpdateId, ids: UpdateId[]): Outcome {
    const { at, bodies, idempotency, places } = request;
    const { findKey, saveKey, insert, findPlace, savePlace } = statements();
    if (idempotency) {
      const known = findKey.get(idempotency.scope, idempotency.key, at - KEY_LIFE_MS);
      if (known && known.fingerprint !== idempotency.fingerprint) return { kind: "conflict" };
      if (known) return { kind: "replayed", id: known.id };
    }
    if (places) {
      const verdict = judgePlaces(places, (of) => findPlace.get(of)?.place);
      if (verdict === "passed") return { kind: "passed" };
      if (verdict === "repeated") return { kind: "replayed", id: last };
    }
    let id = last;
    for (const body of bodies) {
      id = nextId(id, at);
      insert.run(idMs(id), idSeq(id), at, body);
      ids.push(id);
    }
    if (idempotency) saveKey.run(idempotency.scope, idempotency.key, idempotency.fingerprint, id, at);
    for (const { of, to } of places ?? []) savePlace.run(of, to, id);
    return { kind: "appended", id };
  }

  function rotate(row: LogRow, seen: UpdateId): LogRow {
    transaction(() => statements().rotate.run(newEpoch(), laterId(row.last, seen), row.epoch));
    return logRow();
  }

  /** One that reading cannot go on from, such as one beyond the head, counts as absent. */
  function checkpointId(): UpdateId | undefined {
    const id = statements().checkpointId.get()?.id;
    return id !== undefined && isReadable(id) ? id : undefined;
  }

  function close(): void {
    sql = undefined;
    db?.close();
    db = undefined;
  }

  return {
    open: (seen) =>
      coded(() => {
        const opened = openDatabase();
        close();
        db = opened;
        sql = prepareStatements(db, count);
        let row = logRow();
        const known = seen === undefined || compareIds(seen, row.floor) <= 0 || isReadable(seen);
        if (!known) row = rotate(row, seen);
        const checkpoint = checkpointId() === undefined ? undefined : statements().checkpoint.get();
        return { epoch: row.epoch, head: head(), floor: row.floor, checkpoint };
      }),

    commit: (token, requests) =>
      coded(() =>
        transaction(() => {
          const ids: UpdateId[] = [];
          const outcomes: Outcome[] = [];
          const { last } = logRow();
          for (const request of requests) outcomes.push(appendOne(request, ids.at(-1) ?? last, ids));
          statements().committed.run(ids.at(-1) ?? last, ids.length, token, JSON.stringify(outcomes));
          return { ids, outcomes };
        }),
      ),

    outcomesOf: (token) =>
      coded(() => {
        const row = logRow();
        if (row.commit_token === token && row.commit_outcomes) return JSON.parse(row.commit_outcomes);
        // The write-ahead log may still hold the group, with its commit mark, beyond what is valid now. This
        // commit overwrites it: only then is it certain that no recovery brings it back.
        transaction(() => statements().seal.run());
        return null;
      }),

    read: (after, maxBytes) =>
      coded(() => {
        if (!isReadable(after)) return null;
        const updates: StoredUpdate[] = [];
        let bytes = 0;
        statements().after.each(
          ({ ms, seq, at, body }) => {
            bytes += Buffer.byteLength(body);
            if (updates.length > 0 && bytes > maxBytes) return false;
            updates.push({ id: `${ms}-${seq}`, at, body });
            return bytes < maxBytes;
          },
          idMs(after),
          idSeq(after),
        );
        return { head: head(), to: updates.at(-1)?.id ?? after, updates };
      }),

    places: (names) =>
      coded(() => {
        const found = names.map((of) => [of, statements().findPlace.get(of)?.place] as const);
        return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
      }),

    seek: (ms) =>
      coded(() => {
        const before = statements().newestBefore.get(ms);
        return before ? `${before.ms}-${before.seq}` : logRow().floor;
      }),

    head: () => coded(head),

    saveCheckpoint: (id, states) =>
      coded(() => transaction(() => void statements().saveCheckpoint.run(id, states))),

    trim: (before, keysBefore) =>
      coded(() =>
        transaction(() => {
          const keys = statements().dropKeys.run(keysBefore, TRIM_ROWS);
          const row = logRow();
          const covered = checkpointId() ?? ZERO_ID;
          let floor = row.floor;
          let rows = 0;
          statements().oldest.each(({ ms, seq, at }) => {
            const id = `${ms}-${seq}`;
            if (at >= before || compareIds(id, covered) > 0) return false;
            floor = id;
            rows++;
            return true;
          }, TRIM_ROWS);
          if (rows > 0) {
            statements().dropUpdates.run(idMs(floor), idSeq(floor));
            statements().trimmed.run(floor, rows);
          }
          return { floor, more: rows === TRIM_ROWS || keys === TRIM_ROWS };
        }),
      ),

    stats: () =>
      coded(() => {
        const { entries } = logRow();
        const pages = statements().size.get()?.bytes ?? 0;
        const wal = statSync(`${db?.name}-wal`, { throwIfNoEntry: false })?.size ?? 0;
        return {
          connections: 1,
          queries: count.queries,
          slowQueries: count.slow,
          size: pages + wal,
          entries,
        };
      }),

    close,
  };
}
