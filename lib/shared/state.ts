import { compareIds, idMs, type UpdateId } from "./cursor";
import type { Channel, Row } from "./define-channel";

/** The part of an update that a producer supplies: exactly one of `set`, `rows`, `items`. */
export interface Change {
  /** record: metric → value; `{}` says that nothing changed, so the values are known to be fresh. */
  set?: Record<string, number | null>;
  /** table: key → the columns that changed, or `null` to delete the row. */
  rows?: Record<string, Row | null>;
  /** feed: items, oldest first. */
  items?: Row[];
  /** Source time in ms, when the producer gave one. */
  ts?: number;
  /** The producer's label; `demo` is said on the screen. */
  by?: string;
  /**
   * Why the source has no reading; empty when that is over and there is no reading yet. Such an update changes
   * nothing else and does not make data fresh.
   */
  down?: string;
}

export interface Update extends Change {
  id: UpdateId;
  ch: string;
  /** Commit time in ms; left out when it equals the id's, which it does unless the clock stepped back. */
  at?: number;
}

interface Common {
  /** ms of the newest reading, never later than the last commit; `null` before the first one. */
  asOf: number | null;
  by?: string;
  /** The source's own words for why there is no news. */
  down?: string;
}

export interface RecordState extends Common {
  kind: "record";
  values: Record<string, number | null>;
  /** metric → its place in source time (ms), which decides about late readings. */
  ts: Record<string, number>;
}

export interface TableState extends Common {
  kind: "table";
  rows: Record<string, Row>;
}

export interface FeedItem<Item = Row> {
  /** Unique in the log: `<update id>.<place in the update>`. */
  key: string;
  ts: number;
  item: Item;
}

export interface FeedState extends Common {
  kind: "feed";
  /** How many items the feed has had since its log began. */
  count: number;
  keep: number;
  /** The newest `keep` items, oldest first. */
  items: FeedItem[];
}

export type ChannelState = RecordState | TableState | FeedState;

/** The state of a channel that has had no update. */
export function emptyState(channel: Channel): ChannelState {
  if (channel.kind === "record") return { kind: "record", asOf: null, values: {}, ts: {} };
  if (channel.kind === "table") return { kind: "table", asOf: null, rows: {} };
  return { kind: "feed", asOf: null, count: 0, keep: channel.keep, items: [] };
}

/** When an update was committed (ms). */
export function commitTime(update: Update): number {
  return update.at ?? idMs(update.id);
}

/** When what an update says was true at its source (ms): what a chart and a feed show. */
export function sourceTime(update: Update): number {
  return update.ts ?? commitTime(update);
}

/**
 * The one state function (L6), used by hub, engines and client. Pure: the given state stays as it is.
 * An update of another kind than the state's changes nothing (a channel's kind was changed in the code).
 */
export function apply(state: ChannelState, update: Update): ChannelState {
  if (update.down !== undefined) return { ...state, down: update.down || undefined };
  if (state.kind === "record" && update.set)
    return { ...state, ...common(state, update), ...setMetrics(state, update, update.set) };
  if (state.kind === "table" && update.rows)
    return tableOf(common(state, update), upsert(state, update.rows));
  if (state.kind === "feed" && update.items)
    return { ...state, ...common(state, update), ...push(state, update) };
  return state;
}

/** `asOf` never passes the last commit, so it follows a clock that steps back instead of looking fresh. */
function common(state: ChannelState, update: Update): Common {
  const commit = commitTime(update);
  const reading = Math.min(sourceTime(update), commit);
  const asOf = state.asOf === null ? reading : Math.max(Math.min(state.asOf, commit), reading);
  return { asOf, by: update.by, down: undefined };
}

/**
 * An update's place among the readings of a record, ms: a late one never replaces a newer one. A reading without a
 * source time of its own ranks by its id, which only grows, so a clock that steps back does not freeze values;
 * neither does a producer whose clock is ahead, as no reading ranks later than its id.
 */
export function rankOf(update: Update): number {
  const ms = idMs(update.id);
  return Math.min(update.ts ?? ms, ms);
}

function setMetrics(state: RecordState, update: Update, set: Record<string, number | null>) {
  const rank = rankOf(update);
  const values = { ...state.values };
  const ts = { ...state.ts };
  for (const [metric, value] of Object.entries(set)) {
    if (rank < (ts[metric] ?? Number.NEGATIVE_INFINITY)) continue;
    values[metric] = value;
    ts[metric] = rank;
  }
  return { values, ts };
}

/**
 * The rows of a table, as they were and what was changed since (`null`: deleted). To copy ten thousand rows takes
 * milliseconds, so it is left until somebody reads them all; a change that comes before costs next to nothing.
 */
interface Parts {
  rows: TableState["rows"];
  changes: ReadonlyMap<string, Row | null>;
}

/** So many changes are carried on; each change copies them. */
const MAX_CARRIED = 128;
const NO_CHANGES: Parts["changes"] = new Map();
const partsOf = new WeakMap<TableState, Parts>();

function tableOf(common: Common, parts: Parts): TableState {
  const state: TableState = {
    kind: "table",
    ...common,
    get rows() {
      merge(parts);
      return parts.rows;
    },
  };
  partsOf.set(state, parts);
  return state;
}

/** From outside nothing changes: it is the same rows before and after. */
function merge(parts: Parts): void {
  if (parts.changes.size === 0) return;
  const rows = { ...parts.rows };
  for (const [key, row] of parts.changes) {
    if (row === null) delete rows[key];
    else rows[key] = row;
  }
  parts.rows = rows;
  parts.changes = NO_CHANGES;
}

/** One row of a table, found without reading them all. */
export function rowAt(state: TableState, key: string): Row | undefined {
  const { rows, changes } = partsOf.get(state) ?? { rows: state.rows, changes: NO_CHANGES };
  const changed = changes.get(key);
  if (changed !== undefined) return changed ?? undefined;
  return Object.hasOwn(rows, key) ? rows[key] : undefined;
}

function upsert(state: TableState, updated: Record<string, Row | null>): Parts {
  const before = partsOf.get(state) ?? { rows: state.rows, changes: NO_CHANGES };
  const changes = new Map(before.changes);
  for (const [key, row] of Object.entries(updated)) {
    // A row that was deleted begins anew.
    const known = changes.has(key) ? changes.get(key) : before.rows[key];
    changes.set(key, row === null ? null : { ...known, ...row });
  }
  const parts = { rows: before.rows, changes };
  if (changes.size > MAX_CARRIED) merge(parts);
  return parts;
}

/** An update's items as a feed holds them; none when it is not a feed's. */
export function itemsOf(update: Update): FeedItem[] {
  const ts = sourceTime(update);
  return (update.items ?? []).map((item, i) => ({ key: `${update.id}.${i}`, ts, item }));
}

function push(state: FeedState, update: Update) {
  const added = itemsOf(update);
  return { count: state.count + added.length, items: [...state.items, ...added].slice(-state.keep) };
}

/** The newer of two ids. */
export function laterId(a: UpdateId, b: UpdateId): UpdateId {
  return compareIds(a, b) >= 0 ? a : b;
}
