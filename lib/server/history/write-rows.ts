import { sql, type Transaction } from "kysely";
import type { SeriesDelta } from "./fold";
import type { Tables } from "./schema";

/** Rows of one statement: Postgres takes 65,535 values at most, SQLite 32,766. */
const GROUP_ROWS = 200;

type Ids = ReadonlyMap<string, number>;

function idOf(ids: Ids, { channel, metric }: SeriesDelta): number {
  return ids.get(`${channel}\n${metric}`)!;
}

/** Adds single readings. One at the same time is replaced, and a counter's growth up to it is kept. */
export async function writeReadings(
  tx: Transaction<Tables>,
  deltas: readonly SeriesDelta[],
  ids: Ids,
): Promise<void> {
  const rows = deltas.flatMap((delta) => {
    const series = idOf(ids, delta);
    return [...delta.readings].map(([at, { value, increase }]) => ({ series, at, value, increase }));
  });
  for (const group of groups(rows)) {
    await tx
      .insertInto("history_reading")
      .values(group)
      .onConflict((conflict) =>
        conflict.columns(["series", "at"]).doUpdateSet((eb) => ({
          value: eb.ref("excluded.value"),
          increase: eb("history_reading.increase", "+", eb.ref("excluded.increase")),
        })),
      )
      .execute();
  }
}

/** Merges buckets into those that are there. */
export async function writeBuckets(
  tx: Transaction<Tables>,
  deltas: readonly SeriesDelta[],
  ids: Ids,
): Promise<void> {
  const rows = deltas.flatMap((delta) => {
    const series = idOf(ids, delta);
    return [...delta.buckets].flatMap(([width, buckets]) =>
      [...buckets.values()].map(({ lastAt, ...bucket }) => ({ series, width, ...bucket, last_at: lastAt })),
    );
  });
  for (const group of groups(rows)) {
    await tx
      .insertInto("history_bucket")
      .values(group)
      .onConflict((conflict) =>
        conflict.columns(["series", "width", "at"]).doUpdateSet((eb) => ({
          count: eb("history_bucket.count", "+", eb.ref("excluded.count")),
          sum: eb("history_bucket.sum", "+", eb.ref("excluded.sum")),
          min: sql<number>`case when excluded.min < history_bucket.min then excluded.min else history_bucket.min end`,
          max: sql<number>`case when excluded.max > history_bucket.max then excluded.max else history_bucket.max end`,
          // Of two at the same time, the one that is added later is the last.
          last: sql<number>`case when excluded.last_at >= history_bucket.last_at then excluded.last else history_bucket.last end`,
          last_at: sql<number>`case when excluded.last_at >= history_bucket.last_at then excluded.last_at else history_bucket.last_at end`,
          increase: eb("history_bucket.increase", "+", eb.ref("excluded.increase")),
        })),
      )
      .execute();
  }
}

function* groups<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let i = 0; i < rows.length; i += GROUP_ROWS) yield rows.slice(i, i + GROUP_ROWS);
}
