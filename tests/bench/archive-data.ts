import { join } from "node:path";
import Database from "better-sqlite3";
import { createArchiveStore } from "@/lib/server/history/archive-store";
import { openSqlite, SQLITE } from "@/lib/server/history/sqlite-archive";
import { type Channel, defineChannel } from "@/lib/shared/define-channel";

export const CHANNELS = 20;
export const METRICS = 20;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Records of gauges. */
export const archiveChannels: readonly Channel[] = Array.from({ length: CHANNELS }, (_, c) =>
  defineChannel({
    kind: "record",
    name: `c${c}`,
    title: `Channel ${c}`,
    cadence: 1000,
    maxAge: 10_000,
    filledBy: "ingest",
    metrics: Object.fromEntries(
      Array.from({ length: METRICS }, (_, m) => [`m${m}`, { title: `Metric ${m}`, unit: "count" }]),
    ),
  }),
);

export interface DataOptions {
  /** So many metrics have data, of each channel the first ones first. */
  series: number;
  /** For how long each tier has data, ms: single readings each second, and buckets. */
  spans: { width: number; ms: number }[];
}

/** What an archive has after 30 days of readings each second, with single readings for `rawHours`. */
export function thirtyDays(series: number, rawHours: number): DataOptions {
  return {
    series,
    spans: [
      { width: 0, ms: rawHours * HOUR_MS },
      { width: 10_000, ms: 2 * DAY_MS },
      { width: 60_000, ms: 30 * DAY_MS },
      { width: HOUR_MS, ms: 30 * DAY_MS },
    ],
  };
}

/** Makes `history.db` with made-up data that ends now. Gives its number of rows and its size in MB. */
export async function makeData(
  folder: string,
  { series, spans }: DataOptions,
): Promise<{ rows: number; mb: number }> {
  const store = createArchiveStore({
    db: openSqlite(folder),
    dialect: SQLITE,
    metrics: {},
    retention: [0, 0, 0, 0],
  });
  await store.open();
  await store.close();
  const db = new Database(join(folder, "history.db"));
  db.pragma("synchronous = OFF");
  const now = Date.now();
  const name = db.prepare("insert into history_series (id, channel, metric) values (?, ?, ?)");
  const numbers = "with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?)";
  const singles = db.prepare(
    `${numbers} insert into history_reading
     select ?, cast(? as integer) + i * 1000, (i * 7919 % 1000) / 10.0, 0 from n`,
  );
  const buckets = db.prepare(
    `${numbers} insert into history_bucket (series, width, at, count, sum, min, max, last, last_at, increase)
     select ?, cast(? as integer), cast(? as integer) + i * cast(? as integer), cast(? as integer),
            ? * 50.0, i % 40, 60 + i % 40, (i * 7919 % 1000) / 10.0, cast(? as integer) + i * cast(? as integer), 0
     from n`,
  );
  let rows = 0;
  for (let id = 1; id <= series; id++) {
    db.exec("begin");
    name.run(id, `c${Math.floor((id - 1) / METRICS)}`, `m${(id - 1) % METRICS}`);
    for (const { width, ms } of spans) {
      const step = width || 1000;
      const count = Math.floor(ms / step);
      const from = Math.floor(now / step) * step - count * step;
      if (width === 0) singles.run(count, id, from);
      else buckets.run(count, id, width, from, width, width / 1000, width / 1000, from + width - 1000, width);
      rows += count;
    }
    db.exec("commit");
  }
  db.pragma("wal_checkpoint(TRUNCATE)");
  const { bytes } = db
    .prepare<[], { bytes: number }>(
      "select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()",
    )
    .get()!;
  db.close();
  return { rows, mb: bytes / 1024 / 1024 };
}
