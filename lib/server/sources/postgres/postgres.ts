import type { Channel, Row } from "@/lib/shared/define-channel";
import type { Message } from "@/lib/shared/sources/options";
import type { PostgresOptions } from "@/lib/shared/sources/postgres";
import { SYSTEM_CLOCK } from "../clock";
import type { AnyReading, Source } from "../define-source";
import { type OpenContext, setting } from "../open-source";
import { pullSource, pullTimes } from "../pull-source";
import { pause } from "../retry";
import { MAX_BATCH, type Stream } from "../stream";
import { openPostgres, postgresTarget, type SqlRow } from "./postgres-query";
import { sqlCell } from "./sql-cell";

const KIND = "PostgreSQL";
/** The most rows of a record's query that are looked at. */
const ONE_ROW = 1;

/** The query gives the column, but in this row no value that the channel can take. */
class WrongCell extends Error {}

/** A source of rows from a SELECT. Throws for a declaration that cannot work. */
export function postgresSource(
  channel: Channel,
  options: PostgresOptions,
  context: OpenContext,
): Source | Stream {
  const url = setting(context, options.url);
  const sql = options.sql.trim().replace(/;$/, "");
  // Said early, in words; Postgres itself would refuse the rest.
  if (!/^(select|with|values|table)\b/i.test(sql)) throw new Error("sql is one SELECT");
  if (channel.kind === "feed") return newRows(channel, options, url, sql);
  if (options.after !== undefined) throw new Error("after is for feeds");
  const postgres = openPostgres(url, pullTimes(channel, options).timeout);
  const cells = cellsOf(channel, options);
  const limit = channel.kind === "record" ? ONE_ROW : channel.maxRows + 1;
  return pullSource({
    ...{ channel, options, kind: KIND, target: postgresTarget(url) },
    async read({ signal }): Promise<AnyReading> {
      const rows = await postgres.query({ sql, limit, signal });
      if (channel.kind === "table") return rows.map(cells);
      const names = Object.keys(channel.metrics);
      const none = () => Object.fromEntries(names.map((name) => [name, null]));
      return (rows[0] ? cells(rows[0]) : none()) as Record<string, number | null>;
    },
    close: postgres.close,
  });
}

/**
 * A feed's rows, each once: the log has the last one that was stored. Asked again and again, as Postgres does not tell
 * of new rows by itself.
 */
function newRows(channel: Channel, options: PostgresOptions, url: string, sql: string): Stream {
  const { after } = options;
  if (after === undefined || !sql.includes("$1"))
    throw new Error(
      "a feed needs after, a column that only grows, and $1 in sql where its last value belongs",
    );
  const { every, timeout } = pullTimes(channel, options);
  const cells = cellsOf(channel, options);
  const of = `postgres/${channel.name}`;
  const positionOf = (row: SqlRow): number => {
    const position = Object.hasOwn(row, after) ? sqlCell(row[after], "number") : null;
    if (typeof position !== "number" || !Number.isSafeInteger(position) || position < 0)
      throw new Error(`${after}: is not a whole number from 0 on`);
    return position;
  };
  return {
    ...{ channel, kind: KIND, target: postgresTarget(url) },
    async run({ signal, ready, take, places, refused }) {
      const postgres = openPostgres(url, timeout);
      try {
        let position = Number((await places([of]))[of]?.split("-")[0] ?? 0);
        while (!signal.aborted) {
          const rows = await postgres.query({ sql, values: [position], limit: MAX_BATCH, signal });
          ready();
          const wrong: string[] = [];
          const messages = rows.flatMap((row): Message[] => {
            try {
              return [{ value: cells(row), topic: after }];
            } catch (error) {
              // One row that no feed can take must not keep all that come after it.
              if (!(error instanceof WrongCell)) throw error;
              wrong.push(error.message);
              return [];
            }
          });
          const last = rows.reduce((before, row) => {
            const next = positionOf(row);
            if (next <= before) throw new Error(`The rows do not come in the order of ${after}`);
            return next;
          }, position);
          if (rows.length > 0) await take(messages, { of, after: `${position}-0`, to: `${last}-0` });
          for (const reason of wrong) refused(1, reason);
          position = last;
          if (rows.length < MAX_BATCH) await pause(SYSTEM_CLOCK, every, signal);
        }
      } finally {
        await postgres.close();
      }
    },
  };
}

/** How a row of the database becomes one of the channel. */
function cellsOf(channel: Channel, { columns = {} }: PostgresOptions): (row: SqlRow) => Row {
  const types: [string, "text" | "number" | "time"][] =
    channel.kind === "record"
      ? Object.keys(channel.metrics).map((name) => [name, "number"])
      : Object.entries(channel.kind === "table" ? channel.table.columns : channel.feed.fields).map(
          ([name, { type }]) => [name, type],
        );
  const named = columns as Partial<Record<string, string>>;
  return (row) => {
    const cells = types.map(([name, type]) => {
      const column = named[name] ?? name;
      // What is not quoted in SQL has small letters.
      const given = [column, column.toLowerCase()].find((known) => Object.hasOwn(row, known));
      if (given === undefined) throw new Error(`The query gives no column ${column}`);
      try {
        return [name, sqlCell(row[given], type)] as const;
      } catch (error) {
        throw new WrongCell(`${column}: ${(error as Error).message}`, { cause: error });
      }
    });
    return Object.fromEntries(cells);
  };
}
