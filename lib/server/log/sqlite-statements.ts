import type Database from "better-sqlite3";
import type { UpdateId } from "@/lib/shared/cursor";

const SLOW_MS = 50;
/** Places are kept among the idempotency keys, in a scope that no producer has: theirs have a colon. */
const PLACES = "places";

/** Executions since the count began. Slow: over 50 ms. */
export interface QueryCount {
  queries: number;
  slow: number;
}

/** A statement whose executions are counted, and timed to find the slow ones. */
interface Query<Args extends unknown[], Row> {
  run(...args: Args): number;
  get(...args: Args): Row | undefined;
  /** Rows in order, for as long as `visit` answers true. */
  each(visit: (row: Row) => boolean, ...args: Args): void;
}

function prepareQuery<Args extends unknown[], Row = unknown>(
  db: Database.Database,
  count: QueryCount,
  sql: string,
): Query<Args, Row> {
  const statement = db.prepare<Args, Row>(sql);
  const timed = <T>(execute: () => T): T => {
    const start = performance.now();
    try {
      return execute();
    } finally {
      count.queries++;
      if (performance.now() - start > SLOW_MS) count.slow++;
    }
  };
  return {
    run: (...args) => timed(() => statement.run(...args).changes),
    get: (...args) => timed(() => statement.get(...args)),
    each: (visit, ...args) =>
      timed(() => {
        for (const row of statement.iterate(...args)) if (!visit(row)) break;
      }),
  };
}

export interface LogRow {
  epoch: string;
  last: UpdateId;
  floor: UpdateId;
  entries: number;
  commit_token: string | null;
  commit_outcomes: string | null;
}
type Place = { ms: number; seq: number };
export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Database.Database, count: QueryCount) {
  const query = <Args extends unknown[] = [], Row = unknown>(sql: string) =>
    prepareQuery<Args, Row>(db, count, sql);
  return {
    begin: query("BEGIN IMMEDIATE"),
    commit: query("COMMIT"),
    rollback: query("ROLLBACK"),
    log: query<[], LogRow>("SELECT * FROM log"),
    committed: query<[last: UpdateId, added: number, token: string, outcomes: string]>(
      "UPDATE log SET last = ?, entries = entries + ?, commit_token = ?, commit_outcomes = ?",
    ),
    rotate: query<[epoch: string, last: UpdateId, expected: string]>(
      "UPDATE log SET epoch = ?, last = ? WHERE epoch = ?",
    ),
    trimmed: query<[floor: UpdateId, rows: number]>("UPDATE log SET floor = ?, entries = entries - ?"),
    seal: query("UPDATE log SET seals = seals + 1"),
    insert: query<[ms: number, seq: number, at: number, body: string]>(
      "INSERT INTO updates (ms, seq, at, body) VALUES (?, ?, ?, ?)",
    ),
    exists: query<[ms: number, seq: number]>("SELECT 1 FROM updates WHERE ms = ? AND seq = ?"),
    newest: query<[], Place>("SELECT ms, seq FROM updates ORDER BY ms DESC, seq DESC LIMIT 1"),
    newestBefore: query<[ms: number], Place>(
      "SELECT ms, seq FROM updates WHERE ms < ? ORDER BY ms DESC, seq DESC LIMIT 1",
    ),
    after: query<[ms: number, seq: number], Place & { at: number; body: string }>(
      "SELECT ms, seq, at, body FROM updates WHERE (ms, seq) > (?, ?) ORDER BY ms, seq",
    ),
    oldest: query<[limit: number], Place & { at: number }>(
      "SELECT ms, seq, at FROM updates ORDER BY ms, seq LIMIT ?",
    ),
    dropUpdates: query<[ms: number, seq: number]>("DELETE FROM updates WHERE (ms, seq) <= (?, ?)"),
    findKey: query<[scope: string, key: string, since: number], { fingerprint: string; id: UpdateId }>(
      "SELECT fingerprint, id FROM idempotency WHERE scope = ? AND key = ? AND created >= ?",
    ),
    saveKey: query<[scope: string, key: string, fingerprint: string, id: UpdateId, created: number]>(
      "INSERT OR REPLACE INTO idempotency (scope, key, fingerprint, id, created) VALUES (?, ?, ?, ?, ?)",
    ),
    findPlace: query<[of: string], { place: string }>(
      `SELECT fingerprint AS place FROM idempotency WHERE scope = '${PLACES}' AND key = ?`,
    ),
    // It has no age, so it is not dropped with the keys.
    savePlace: query<[of: string, place: string, id: UpdateId]>(
      `INSERT OR REPLACE INTO idempotency (scope, key, fingerprint, id, created)
         VALUES ('${PLACES}', ?, ?, ?, ${Number.MAX_SAFE_INTEGER})`,
    ),
    dropKeys: query<[before: number, limit: number]>(
      `DELETE FROM idempotency WHERE (scope, key) IN
         (SELECT scope, key FROM idempotency WHERE created < ? LIMIT ?)`,
    ),
    checkpointId: query<[], { id: UpdateId }>("SELECT id FROM checkpoint"),
    checkpoint: query<[], { id: UpdateId; states: string }>("SELECT id, states FROM checkpoint"),
    saveCheckpoint: query<[id: UpdateId, states: string]>(
      "INSERT OR REPLACE INTO checkpoint (one, id, states) VALUES (1, ?, ?)",
    ),
    size: query<[], { bytes: number }>(
      "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()",
    ),
  };
}

/** The part of an id after the dash. */
export function idSeq(id: UpdateId): number {
  return Number(id.slice(id.indexOf("-") + 1));
}
