import { type Kysely, sql } from "kysely";
import { CodedError } from "@/lib/shared/codes";

/** Of the tables below; another one is refused. */
const VERSION = 1;

/** All times are ms. The names are long because accounts and other programs may share a Postgres database. */
export interface Tables {
  /** One row: how far the log has been read (see `ArchivePosition`), moved together with what lay before it. */
  history_archive: {
    one: number;
    version: number;
    cursor: string;
    until: number | null;
    alive_at: number | null;
  };
  /** What folding a channel goes on from at the cursor: a `ChannelProgress` as JSON. */
  history_channel: { channel: string; progress: string };
  history_series: { id: number; channel: string; metric: string };
  /** The tier of single readings. A second one of the same time replaces the first. */
  history_reading: { series: number; at: number; value: number; increase: number };
  /** The other tiers: what a metric did within `at <= ts < at + width`. */
  history_bucket: {
    series: number;
    width: number;
    at: number;
    count: number;
    sum: number;
    min: number;
    max: number;
    last: number;
    last_at: number;
    increase: number;
  };
  history_outage: { begin_at: number; end_at: number };
  /** What the feed of annotations holds or held, by the key of its item. A moment ends when it begins. */
  history_annotation: {
    key: string;
    at: number;
    end_at: number;
    kind: string;
    title: string;
    text: string | null;
    author: string | null;
    by_hand: number;
  };
}

export type Database = Kysely<Tables>;

/** What is not the same in SQL. */
export interface Dialect {
  /** Lets one node after the other make the tables; run in the transaction that does. */
  lockSchema?: string;
  /** After the columns of a table that is read by ranges of its primary key. */
  clustered: string;
}

/** Makes the tables where they are missing. Throws `history_unavailable` when they are another version's. */
export async function prepareSchema(db: Database, { clustered, lockSchema }: Dialect): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (lockSchema !== undefined) await sql.raw(lockSchema).execute(tx);
    const table = (name: keyof Tables) => tx.schema.createTable(name).ifNotExists();
    await table("history_archive")
      .addColumn("one", "integer", (column) => column.primaryKey())
      .addColumn("version", "integer", (column) => column.notNull())
      .addColumn("cursor", "text", (column) => column.notNull())
      .addColumn("until", "bigint")
      .addColumn("alive_at", "bigint")
      .execute();
    await table("history_channel")
      .addColumn("channel", "text", (column) => column.primaryKey())
      .addColumn("progress", "text", (column) => column.notNull())
      .execute();
    await table("history_series")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("channel", "text", (column) => column.notNull())
      .addColumn("metric", "text", (column) => column.notNull())
      .addUniqueConstraint("history_series_name", ["channel", "metric"])
      .execute();
    await table("history_reading")
      .addColumn("series", "integer", (column) => column.notNull())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("value", "double precision", (column) => column.notNull())
      .addColumn("increase", "double precision", (column) => column.notNull())
      .addPrimaryKeyConstraint("history_reading_place", ["series", "at"])
      .modifyEnd(sql.raw(clustered))
      .execute();
    await table("history_bucket")
      .addColumn("series", "integer", (column) => column.notNull())
      .addColumn("width", "integer", (column) => column.notNull())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("count", "integer", (column) => column.notNull())
      .addColumn("sum", "double precision", (column) => column.notNull())
      .addColumn("min", "double precision", (column) => column.notNull())
      .addColumn("max", "double precision", (column) => column.notNull())
      .addColumn("last", "double precision", (column) => column.notNull())
      .addColumn("last_at", "bigint", (column) => column.notNull())
      .addColumn("increase", "double precision", (column) => column.notNull())
      .addPrimaryKeyConstraint("history_bucket_place", ["series", "width", "at"])
      .modifyEnd(sql.raw(clustered))
      .execute();
    await table("history_outage")
      .addColumn("begin_at", "bigint", (column) => column.primaryKey())
      .addColumn("end_at", "bigint", (column) => column.notNull())
      .execute();
    await table("history_annotation")
      .addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("end_at", "bigint", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("title", "text", (column) => column.notNull())
      .addColumn("text", "text")
      .addColumn("author", "text")
      .addColumn("by_hand", "integer", (column) => column.notNull())
      .execute();
    await tx.schema
      .createIndex("history_annotation_time")
      .ifNotExists()
      .on("history_annotation")
      .column("at")
      .execute();
    await tx
      .insertInto("history_archive")
      .values({ one: 1, version: VERSION, cursor: "", until: null, alive_at: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
  const { version } = await db.selectFrom("history_archive").select("version").executeTakeFirstOrThrow();
  if (version !== VERSION)
    throw new CodedError("history_unavailable", "The archive was written by another version of Nowboard");
}
