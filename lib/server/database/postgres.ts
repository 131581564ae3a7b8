import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

const CONNECT_LIMIT_MS = 3000;
/** The server ends a statement after this; one that it did not even answer is given up a little later. */
const STATEMENT_LIMIT_MS = 5000;
const ANSWER_LIMIT_MS = 6000;
/** What `bigint` is called on the wire. Times and counts stay far below 2^53. */
const INT8 = 20;

/** A pool of at most `max` connections to the database that `url` names. It connects when there is work. */
export function openPostgresPool<Tables>(url: string, max: number): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
    idle_in_transaction_session_timeout: 2 * ANSWER_LIMIT_MS,
    keepAlive: true,
    application_name: "nowboard",
    types: {
      getTypeParser: ((oid: number, format?: "text") =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // An idle connection that ends is no fault: the next call opens another one.
  pool.on("error", () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool: soundConnections(pool) as never }) });
}

/**
 * A connection on which something else failed than what Postgres itself answered goes back to no one: its answers
 * may still be on their way.
 */
function soundConnections(pool: pg.Pool) {
  return {
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      let lost: unknown;
      return {
        query: async (text: string, values: unknown[]) => {
          if (lost) throw lost;
          try {
            return await client.query(text, values);
          } catch (error) {
            if (!(error instanceof pg.DatabaseError)) lost = error;
            throw error;
          }
        },
        release: () => client.release(lost !== undefined),
      };
    },
  };
}
