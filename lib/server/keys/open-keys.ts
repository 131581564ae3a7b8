import { openPostgresPool } from "../database/postgres";
import { openSqliteFile } from "../database/sqlite";
import { createKeyStore, type KeyStore, type KeyTables } from "./key-store";

/** `if not exists` alone fails when two do it at once. The number only has to be nobody else's. */
const LOCK_SCHEMA = "select pg_advisory_xact_lock(7240132)";
const MAX_CONNECTIONS = 2;

export interface KeyPlace {
  /** Where `keys.db` lies when there is no `databaseUrl`: a file of its own, as the log's is locked by the server. */
  folder: string;
  /** Of a Postgres database. */
  databaseUrl?: string;
  /** How long SQLite may wait for another process that writes, ms; the calling thread waits with it. */
  busyMs: number;
}

/** The key store of a deployment, for the server and for the command line beside it. */
export function openKeyStore({ folder, databaseUrl, busyMs }: KeyPlace): KeyStore {
  if (databaseUrl !== undefined)
    return createKeyStore({
      open: () => openPostgresPool<KeyTables>(databaseUrl, MAX_CONNECTIONS),
      lockSchema: LOCK_SCHEMA,
    });
  return createKeyStore({ open: () => openSqliteFile<KeyTables>(folder, "keys.db", { busyMs }) });
}
