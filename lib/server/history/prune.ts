import { dropAnnotations } from "./annotation-rows";
import type { Pruned } from "./archive";
import type { Database } from "./schema";
import { BUCKET_WIDTHS, keptFrom, type Retention, WIDTHS } from "./tiers";

/** One statement drops at most so many rows, so that nothing waits long behind it. */
const PRUNE_ROWS = 500;

/**
 * Retention: each call drops rows of one series in one tier, by a range of its primary key, and the next call goes on
 * with the next one. Outages and annotations are kept as long as the coarsest tier.
 */
export function pruner(db: Database, retention: Retention): (now: number) => Promise<Pruned> {
  /** The series that was looked at last, and the place in `WIDTHS` of its tier that comes next. */
  let series = 0;
  let tier = WIDTHS.length as number;

  return async (now) => {
    if (tier >= WIDTHS.length) {
      const next = await db
        .selectFrom("history_series")
        .select("id")
        .where("id", ">", series)
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      series = next?.id ?? 0;
      tier = 0;
      if (!next) {
        tier = WIDTHS.length;
        const before = keptFrom(retention, BUCKET_WIDTHS.at(-1)!, now);
        const { numDeletedRows } = await db
          .deleteFrom("history_outage")
          .where("end_at", "<", before)
          .executeTakeFirst();
        const annotations = await dropAnnotations(db, retention, now);
        return { rows: Number(numDeletedRows) + annotations, isMore: false, isRoundOver: true };
      }
    }
    const width = WIDTHS[tier]!;
    const before = keptFrom(retention, width, now) - width;
    const rows =
      width === 0 ? await dropReadings(db, series, before) : await dropBuckets(db, series, width, before);
    const isMore = rows >= PRUNE_ROWS;
    if (!isMore) tier += 1;
    return { rows, isMore, isRoundOver: false };
  };
}

async function dropReadings(db: Database, series: number, before: number): Promise<number> {
  const bound = await db
    .selectFrom("history_reading")
    .select("at")
    .where("series", "=", series)
    .where("at", "<", before)
    .orderBy("at")
    .limit(1)
    .offset(PRUNE_ROWS)
    .executeTakeFirst();
  const { numDeletedRows } = await db
    .deleteFrom("history_reading")
    .where("series", "=", series)
    .where("at", "<", bound?.at ?? before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

async function dropBuckets(db: Database, series: number, width: number, before: number): Promise<number> {
  const bound = await db
    .selectFrom("history_bucket")
    .select("at")
    .where("series", "=", series)
    .where("width", "=", width)
    .where("at", "<", before)
    .orderBy("at")
    .limit(1)
    .offset(PRUNE_ROWS)
    .executeTakeFirst();
  const { numDeletedRows } = await db
    .deleteFrom("history_bucket")
    .where("series", "=", series)
    .where("width", "=", width)
    .where("at", "<", bound?.at ?? before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
