import { type RawBuilder, sql, type Transaction } from "kysely";
import type { MetricHistory } from "@/lib/shared/history";
import type { RangeAnswer, RangeRequest } from "./archive";
import type { Database, Tables } from "./schema";

/** A bucket that has readings. */
interface Row {
  /** Which one of the range, from 0. */
  place: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  /** ms */
  lastAt: number;
  increase: number;
}

/** Reads the buckets of a range, all as of one moment. `isCounter` says which metrics have growth. */
export function readRange(
  db: Database,
  request: RangeRequest,
  isCounter: (metric: string) => boolean,
): Promise<RangeAnswer> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (tx) => {
      const { until } = await tx.selectFrom("history_archive").select("until").executeTakeFirstOrThrow();
      const outages = await tx
        .selectFrom("history_outage")
        .select(["begin_at as from", "end_at as to"])
        .where("begin_at", "<", request.to)
        .where("end_at", ">", request.from)
        .orderBy("begin_at")
        .execute();
      const series = await tx
        .selectFrom("history_series")
        .select(["id", "metric"])
        .where("channel", "=", request.channel)
        .where("metric", "in", request.metrics)
        .execute();
      const metrics: RangeAnswer["metrics"] = {};
      for (const metric of request.metrics) {
        const id = series.find((each) => each.metric === metric)?.id;
        const rows = id === undefined ? [] : await readSeries(tx, id, request);
        metrics[metric] = toHistory(rows, (request.to - request.from) / request.step, isCounter(metric));
      }
      return { until, metrics, outages };
    });
}

/** Averages are rounded: digits that no measurement has would only be sent. */
function toHistory(rows: readonly Row[], places: number, isCounter: boolean): MetricHistory {
  const nulls = () => new Array<number | null>(places).fill(null);
  const newest = rows.reduce((latest, { lastAt }) => Math.max(latest, lastAt), Number.NEGATIVE_INFINITY);
  const history = {
    ...(rows.length > 0 && { lastAt: newest }),
    count: new Array<number>(places).fill(0),
    min: nulls(),
    avg: nulls(),
    max: nulls(),
    last: nulls(),
    ...(isCounter && { increase: nulls() }),
  };
  for (const { place, count, sum, min, max, last, increase } of rows) {
    history.count[place] = count;
    history.min[place] = min;
    history.avg[place] = Number((sum / count).toPrecision(9));
    history.max[place] = max;
    history.last[place] = last;
    if (history.increase) history.increase[place] = Number(increase.toPrecision(15));
  }
  return history;
}

/** One metric's buckets: the primary key's range is read once, and the last value of each is looked up by it. */
async function readSeries(
  tx: Transaction<Tables>,
  series: number,
  { from, to, step, width }: RangeRequest,
): Promise<Row[]> {
  const inSeries = sql`series = ${series} and at >= ${from} and at < ${to}`;
  const grouped =
    width === 0
      ? sql`select ${place(from, step)} as place, count(*) as count, sum(value) as sum, min(value) as min,
          max(value) as max, max(at) as newest, sum(increase) as increase
          from history_reading where ${inSeries} group by 1`
      : sql`select ${place(from, step)} as place, sum(count) as count, sum(sum) as sum, min(min) as min,
          max(max) as max, max(at) as newest, sum(increase) as increase
          from history_bucket where ${inSeries} and width = ${width} group by 1`;
  const last =
    width === 0
      ? sql`select value from history_reading where series = ${series} and at = grouped.newest`
      : sql`select last from history_bucket
          where series = ${series} and width = ${width} and at = grouped.newest`;
  const lastAt =
    width === 0
      ? sql`newest`
      : sql`select last_at from history_bucket
          where series = ${series} and width = ${width} and at = grouped.newest`;
  const { rows } = await sql<Row>`select place, count, sum, min, max, increase, (${last}) as last,
    (${lastAt}) as "lastAt" from (${grouped}) as grouped`.execute(tx);
  return rows;
}

/**
 * Which bucket a time falls into: whole numbers, which any database divides without a rest, and `from` is not later.
 * SQLite's driver takes a plain number for one with a fraction.
 */
function place(from: number, step: number): RawBuilder<number> {
  return sql`(at - ${BigInt(from)}) / ${BigInt(step)}`;
}
