import { type Kysely, sql } from "kysely";
import type { StoredKey } from "./keys";

/** Times in ms. Accounts and other programs may share the database. */
export interface KeyTables {
  ingest_key: {
    id: string;
    name: string;
    hash: string;
    /** Names, separated by commas. */
    channels: string;
    per_second: number | null;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    last_used_at: number | null;
  };
}

/** They are all in every node's memory. */
const MAX_KEYS = 1000;

export interface KeyStoreOptions {
  /** Opens the database; called again after it failed. */
  open: () => Kysely<KeyTables>;
  /** SQL that lets one process after the other make the table, where the database does not see to it by itself. */
  lockSchema?: string;
}

/** Where keys are kept. Errors are the database's. */
export interface KeyStore {
  /** All of them, the oldest first. */
  list(): Promise<StoredKey[]>;
  /** Throws when there are a thousand already. */
  add(key: StoredKey): Promise<void>;
  /** False when there is none of this id. One that was revoked before keeps that time. */
  revoke(id: string, now: number): Promise<boolean>;
  used(id: string, at: number): Promise<void>;
  close(): Promise<void>;
}

/** The keys in a database, whichever. It is opened, and its table made, at first use. */
export function createKeyStore({ open, lockSchema }: KeyStoreOptions): KeyStore {
  let db: Kysely<KeyTables> | undefined;
  let prepared: Promise<Kysely<KeyTables>> | undefined;

  /** Once; tried again after a failure. */
  function ready(): Promise<Kysely<KeyTables>> {
    prepared ??= (async () => {
      db ??= open();
      await prepare(db, lockSchema);
      return db;
    })().catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  }

  return {
    async list() {
      const rows = await (await ready())
        .selectFrom("ingest_key")
        .selectAll()
        .orderBy("created_at")
        .orderBy("id")
        .execute();
      return rows.map(fromRow);
    },

    async add(key) {
      const db = await ready();
      const { count } = await db
        .selectFrom("ingest_key")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      if (Number(count) >= MAX_KEYS) throw new Error(`There are ${MAX_KEYS} keys already.`);
      await db.insertInto("ingest_key").values(toRow(key)).execute();
    },

    async revoke(id, now) {
      const { numUpdatedRows } = await (await ready())
        .updateTable("ingest_key")
        .set((eb) => ({ revoked_at: eb.fn.coalesce("revoked_at", eb.val(now)) }))
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async used(id, at) {
      await (await ready())
        .updateTable("ingest_key")
        .set({ last_used_at: at })
        .where("id", "=", id)
        .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", at)]))
        .execute();
    },

    close: async () => db?.destroy(),
  };
}

async function prepare(db: Kysely<KeyTables>, lockSchema: string | undefined): Promise<void> {
  if (lockSchema === undefined) return createTable(db);
  await db.transaction().execute(async (tx) => {
    await sql.raw(lockSchema).execute(tx);
    await createTable(tx);
  });
}

async function createTable(db: Kysely<KeyTables>): Promise<void> {
  await db.schema
    .createTable("ingest_key")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("channels", "text", (column) => column.notNull())
    .addColumn("per_second", "integer")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
}

type Row = KeyTables["ingest_key"];

function toRow({ id, name, hash, channels, perSecond, createdAt, ...times }: StoredKey): Row {
  return {
    ...{ id, name, hash, channels: channels.join(","), created_at: createdAt },
    per_second: perSecond ?? null,
    expires_at: times.expiresAt ?? null,
    revoked_at: times.revokedAt ?? null,
    last_used_at: times.lastUsedAt ?? null,
  };
}

function fromRow({ id, name, hash, channels, created_at, ...row }: Row): StoredKey {
  return {
    ...{ id, name, hash, channels: channels.split(","), createdAt: created_at },
    ...(row.per_second !== null && { perSecond: row.per_second }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  };
}
