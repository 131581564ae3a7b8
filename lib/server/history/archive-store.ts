import type { Transaction } from "kysely";
import { readAnnotation, readAnnotations, saveAnnotations } from "./annotation-rows";
import type { Archive, ArchivedMetrics, ArchivePosition, Folded, FoldRequest } from "./archive";
import { MOST_AHEAD_MS } from "./archiving";
import { type ChannelProgress, foldUpdates, type SeriesDelta } from "./fold";
import { pruner } from "./prune";
import { readRange } from "./read-range";
import { type Database, type Dialect, prepareSchema, type Tables } from "./schema";
import type { Retention } from "./tiers";
import { writeBuckets, writeReadings } from "./write-rows";

export interface ArchiveStoreOptions {
  db: Database;
  dialect: Dialect;
  metrics: ArchivedMetrics;
  retention: Retention;
}

/** Thrown to roll back when the archive is not where it was expected. */
class AnotherWentOn extends Error {}

/** The archive in a database, whichever. Errors are the database's. */
export function createArchiveStore({ db, dialect, metrics, retention }: ArchiveStoreOptions): Archive {
  let prepared: Promise<void> | undefined;
  /** The channels at the archive's cursor, and the ids of the series. */
  let channels = new Map<string, ChannelProgress>();
  let series = new Map<string, number>();
  let isLoaded = false;
  const prune = pruner(db, retention);

  /** Once, on first use; tried again after a failure. */
  function ready(): Promise<void> {
    prepared ??= prepareSchema(db, dialect).catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  }

  async function position(): Promise<ArchivePosition> {
    await ready();
    const row = await db
      .selectFrom("history_archive")
      .select(["cursor", "until", "alive_at"])
      .executeTakeFirstOrThrow();
    return { cursor: row.cursor, until: row.until, aliveAt: row.alive_at };
  }

  async function open(): Promise<ArchivePosition> {
    await ready();
    return db
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (tx) => {
        const row = await tx
          .selectFrom("history_archive")
          .select(["cursor", "until", "alive_at"])
          .executeTakeFirstOrThrow();
        const saved = await tx.selectFrom("history_channel").selectAll().execute();
        const named = await tx.selectFrom("history_series").selectAll().execute();
        channels = new Map(saved.map(({ channel, progress }) => [channel, JSON.parse(progress)]));
        series = new Map(named.map(({ id, channel, metric }) => [`${channel}\n${metric}`, id]));
        isLoaded = true;
        return { cursor: row.cursor, until: row.until, aliveAt: row.alive_at };
      });
  }

  async function fold(request: FoldRequest): Promise<Folded> {
    // In a worker that was started anew, say: without the state readings would be missing.
    if (!isLoaded) throw new Error("The archive has not been opened");
    const { progress, deltas, readings } = foldUpdates(channels, request.updates, {
      metrics,
      retention,
      now: request.now,
    });
    try {
      const ids = await db.transaction().execute(async (tx) => {
        await moveOn(tx, request);
        const ids = await nameSeries(tx, series, deltas);
        await saveProgress(tx, progress);
        await writeReadings(tx, deltas, ids);
        await writeBuckets(tx, deltas, ids);
        await saveOutages(tx, request);
        await saveAnnotations(tx, request.updates, { retention, now: request.now });
        return ids;
      });
      for (const [channel, next] of progress) channels.set(channel, next);
      series = ids;
      return { stored: true, readings };
    } catch (error) {
      if (error instanceof AnotherWentOn) return { stored: false, readings: 0 };
      throw error;
    }
  }

  return {
    open,
    fold,
    position,
    range: async (request) => {
      await ready();
      return readRange(db, request, (metric) => metrics[request.channel]?.[metric] === true);
    },
    annotations: async (range) => {
      await ready();
      return readAnnotations(db, range);
    },
    annotation: async (key) => {
      await ready();
      return readAnnotation(db, key);
    },
    prune: async (now) => {
      await ready();
      return prune(now);
    },
    close: () => db.destroy(),
  };
}

/**
 * The first statement of a batch: it waits for whoever writes at the moment, and finds no row when that one moved the
 * cursor. So each update is stored once, whoever believes to hold the lease.
 */
async function moveOn(
  tx: Transaction<Tables>,
  { expected, cursor, until, aliveAt }: FoldRequest,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("history_archive")
    .set({ cursor, until, alive_at: aliveAt })
    .where("one", "=", 1)
    .where("cursor", "=", expected)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new AnotherWentOn();
}

/** The ids of all series, those that are new included. */
async function nameSeries(
  tx: Transaction<Tables>,
  known: ReadonlyMap<string, number>,
  deltas: readonly SeriesDelta[],
): Promise<Map<string, number>> {
  const ids = new Map(known);
  let next = Math.max(0, ...known.values());
  for (const { channel, metric } of deltas) {
    const key = `${channel}\n${metric}`;
    if (ids.has(key)) continue;
    next += 1;
    await tx.insertInto("history_series").values({ id: next, channel, metric }).execute();
    ids.set(key, next);
  }
  return ids;
}

async function saveProgress(
  tx: Transaction<Tables>,
  progress: ReadonlyMap<string, ChannelProgress>,
): Promise<void> {
  for (const [channel, next] of progress) {
    await tx
      .insertInto("history_channel")
      .values({ channel, progress: JSON.stringify(next) })
      .onConflict((conflict) =>
        conflict.column("channel").doUpdateSet((eb) => ({ progress: eb.ref("excluded.progress") })),
      )
      .execute();
  }
}

async function saveOutages(tx: Transaction<Tables>, { outages, now }: FoldRequest): Promise<void> {
  // Nobody knows of an outage that ends later: a clock that was ahead told it.
  await tx
    .deleteFrom("history_outage")
    .where("end_at", ">", now + MOST_AHEAD_MS)
    .execute();
  for (const { from, to } of outages) {
    await tx
      .insertInto("history_outage")
      .values({ begin_at: from, end_at: to })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
