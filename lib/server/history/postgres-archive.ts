import { openPostgresPool } from "../database/postgres";
import type { Database, Dialect, Tables } from "./schema";

export const POSTGRES: Dialect = {
  clustered: "",
  // `if not exists` alone fails when two do it at once. The number only has to be nobody else's.
  lockSchema: "select pg_advisory_xact_lock(7240131)",
};

const MAX_CONNECTIONS = 4;

/** The archive's connections to the database that `url` names. */
export function openPostgres(url: string): Database {
  return openPostgresPool<Tables>(url, MAX_CONNECTIONS);
}
