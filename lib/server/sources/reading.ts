import type { Cell, Channel, Row, TableChannel } from "@/lib/shared/define-channel";
import type { Change } from "@/lib/shared/state";
import type { AnyReading } from "./define-source";

/** The longest text of a cell, and of a key; as for ingest. */
const MAX_TEXT = 2000;
const MAX_KEY = 200;
/** Keys that would reach an object's prototype. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/** A reading as the log takes it: numbers finite or `null`, tables by key. */
export type CleanReading =
  | { kind: "record"; values: Record<string, number | null> }
  | { kind: "table"; rows: Record<string, Row> }
  | { kind: "feed"; items: Row[] };

/**
 * Checks a reading against its channel: what the types promise, a source without types can break. NaN and
 * infinities become `null`, as JSON has no such numbers. Throws a sentence for the viewers when the reading
 * cannot be used.
 */
export function clean(channel: Channel, reading: AnyReading): CleanReading {
  if (
    typeof reading !== "object" ||
    reading === null ||
    Array.isArray(reading) === (channel.kind === "record")
  )
    throw new Error("The source gave something that is not a reading of this channel");
  if (channel.kind === "record") {
    const given = reading as Record<string, unknown>;
    const values = Object.keys(channel.metrics).map((metric) => [metric, finite(given[metric])] as const);
    return { kind: "record", values: Object.fromEntries(values) };
  }
  const rows = (reading as Row[]).map((row) => cleanRow(channel, row));
  return channel.kind === "feed"
    ? { kind: "feed", items: rows }
    : { kind: "table", rows: byKey(channel, rows) };
}

/**
 * What to publish so that viewers of `base` come to `reading`; without a base the whole reading. `known` are
 * the keys that a table has in the log: those that are not in a whole reading are deleted. A change may be
 * empty: it says that the data is still true.
 */
export function changeBetween(
  base: CleanReading | undefined,
  reading: CleanReading,
  known: Iterable<string> = [],
): Change {
  if (reading.kind === "feed") return { items: reading.items };
  if (reading.kind === "record")
    return { set: changedCells(base?.kind === "record" ? base.values : {}, reading.values) };
  const before = base?.kind === "table" ? base.rows : undefined;
  const rows: [string, Row | null][] = [];
  for (const key of before ? Object.keys(before) : known)
    if (!Object.hasOwn(reading.rows, key)) rows.push([key, null]);
  for (const [key, row] of Object.entries(reading.rows)) {
    if (!before || !Object.hasOwn(before, key)) rows.push([key, row]);
    else {
      const changed = changedCells(before[key]!, row);
      if (Object.keys(changed).length > 0) rows.push([key, changed]);
    }
  }
  return { rows: Object.fromEntries(rows) };
}

/** The change that carries nothing but a reason for missing data. */
export function downChange(channel: Channel, down: string): Change {
  if (channel.kind === "record") return { set: {}, down };
  return channel.kind === "table" ? { rows: {}, down } : { items: [], down };
}

function changedCells<C extends Cell>(
  before: Record<string, C>,
  after: Record<string, C>,
): Record<string, C> {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => !Object.hasOwn(before, name) || before[name] !== value),
  );
}

function finite(value: unknown): number | null {
  return Number.isFinite(value) ? (value as number) : null;
}

function cleanRow(channel: Exclude<Channel, { kind: "record" }>, row: Row): Row {
  const columns = channel.kind === "table" ? channel.table.columns : channel.feed.fields;
  const cells = Object.keys(columns).map((name) => {
    const value = row[name];
    if (typeof value === "string" && value.length > MAX_TEXT)
      throw new Error(`The source gave a text longer than ${MAX_TEXT} characters, in "${name}"`);
    return [name, typeof value === "string" || typeof value === "boolean" ? value : finite(value)] as const;
  });
  return Object.fromEntries(cells);
}

function byKey(channel: TableChannel, rows: Row[]): Record<string, Row> {
  if (rows.length > channel.maxRows)
    throw new Error(`The source gave more than the ${channel.maxRows} rows that this table may hold`);
  return Object.fromEntries(
    rows.map((row) => {
      const key = row[channel.table.key];
      if (key === null || key === undefined || key === "")
        throw new Error(`The source gave a row without its key, "${channel.table.key}"`);
      if (String(key).length > MAX_KEY || RESERVED.has(String(key)))
        throw new Error(`The source gave a row whose key, "${channel.table.key}", cannot be one`);
      return [String(key), row];
    }),
  );
}
