import pg from "pg";
import { concealer } from "../../database/conceal";
import { connectionError } from "../connection-errors";

const CONNECT_LIMIT_MS = 3000;
/** The server ends a statement so much before the source's own time is over, so that it says why. */
const MARGIN_MS = 200;
/** A cut read may still run beside the next one. */
const CONNECTIONS = 2;
/** `date`: the driver would make it midnight in the server's own zone. */
const DATE = 1082;
/** `timestamp` without a zone: taken as UTC, as the driver would take it in the server's own zone. */
const TIMESTAMP = 1114;

const getTypeParser = ((oid: number, format?: "text") => {
  if (oid === DATE) return (text: string) => text;
  if (oid === TIMESTAMP)
    return (text: string) => (text.endsWith("infinity") ? null : new Date(`${text.replace(" ", "T")}Z`));
  return pg.types.getTypeParser(oid, format);
}) as typeof pg.types.getTypeParser;

export interface ReadOnlyQuery {
  sql: string;
  values?: readonly unknown[];
  /** The most rows that are read. */
  limit: number;
  signal: AbortSignal;
}

export type SqlRow = Record<string, unknown>;

/** Asks a database in read-only transactions of one statement each, with limits in time and rows. */
export interface Postgres {
  query(query: ReadOnlyQuery): Promise<SqlRow[]>;
  close(): Promise<void>;
}

/** The address as people may read it. */
export function postgresTarget(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

/** Throws for what is no address of a Postgres. */
export function checkPostgresUrl(url: string): void {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new Error("the address is not like postgres://user:password@host:5432/database");
}

/** What a driver or the server says is wrong, in words and without the password. */
export function postgresFailure(url: string): (error: unknown) => Error {
  const conceal = concealer(url);
  return (error) => {
    // 57014, query_canceled: here only by the time limit.
    if ((error as pg.DatabaseError).code === "57014")
      return new Error("The query took too long, and was ended");
    const { message } = connectionError(error, new URL(url)) as Error;
    const words = error instanceof pg.DatabaseError ? `Postgres: ${message}` : message;
    return new Error(conceal(words), { cause: error });
  };
}

/** Connects when it is asked for the first time. `timeout`, ms: of one query. */
export function openPostgres(url: string, timeout: number): Postgres {
  checkPostgresUrl(url);
  const failure = postgresFailure(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: Math.min(CONNECT_LIMIT_MS, timeout),
    keepAlive: true,
    application_name: "nowboard source",
    types: { getTypeParser },
  });
  // Not when connecting: poolers such as PgBouncer refuse connections with settings that they do not know.
  const begin = [
    "BEGIN READ ONLY",
    `SET LOCAL statement_timeout = ${Math.floor(Math.max(50, timeout - MARGIN_MS))}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(2 * timeout)}`,
  ].join(";");
  // An idle connection that ends is no fault: the next query opens another one.
  pool.on("error", () => {});
  // What happens to one in use is told by its query.
  pool.on("connect", (client) => client.on("error", () => {}));

  async function query({ sql, values = [], limit, signal }: ReadOnlyQuery): Promise<SqlRow[]> {
    const client = await pool.connect().catch((error) => {
      throw failure(error);
    });
    // A server that does not answer keeps nobody waiting: the connection is given up.
    const cut = () => client.connection.stream.destroy();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      cut();
    }, timeout);
    signal.addEventListener("abort", cut, { once: true });
    let failed = true;
    try {
      signal.throwIfAborted();
      await client.query(begin);
      // Postgres itself sees to it that this is one statement, and that it only reads: a cursor takes nothing else.
      // With values the extended protocol is used, which takes one statement only.
      const declare = {
        text: `DECLARE c NO SCROLL CURSOR FOR ${sql}`,
        values: [...values],
        queryMode: "extended",
      };
      await client.query(declare as pg.QueryConfig);
      const { rows } = await client.query<SqlRow>(`FETCH FORWARD ${limit} FROM c`);
      await client.query("ROLLBACK");
      failed = false;
      return rows;
    } catch (error) {
      if (isLate) throw new Error(`No answer within ${timeout / 1000} s`);
      const answered = error instanceof pg.DatabaseError;
      if (answered)
        failed = await client.query("ROLLBACK").then(
          () => false,
          () => true,
        );
      throw failure(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cut);
      client.release(failed);
    }
  }

  return { query, close: () => pool.end() };
}
