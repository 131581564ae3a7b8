/**
 * What is kept of a page for the time when the server cannot be reached (C9), pure: the numbers and the first rows that
 * it showed, as people read them, each with its time. What is kept is bounded, as anyone at this browser can read it.
 */
import type { Channel, MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTime, formatValue, type Place } from "@/lib/shared/format";
import type { ChannelState } from "@/lib/shared/state";

export const KEPT_PREFIX = "nowboard:kept:";
/** So many pages are kept, those seen last, and none for longer than this (ms). */
export const MAX_PAGES = 12;
export const MAX_KEPT_MS = 7 * 24 * 60 * 60_000;
const MAX_NUMBERS = 24;
const MAX_TABLES = 4;
const MAX_ROWS = 10;
const MAX_COLUMNS = 6;
const MAX_TEXT = 120;

export interface KeptNumber {
  title: string;
  text: string;
  unit?: string;
  /** The unit is written before the number. */
  unitFirst?: boolean;
  /** When it was true, ms on the server's clock. */
  at: number;
}

export interface KeptTable {
  title: string;
  columns: { title: string; isNumber: boolean }[];
  rows: string[][];
  /** So many rows are there that are not kept. */
  more: number;
  at: number;
}

/** As it lies in the browser's storage, in JSON; public/offline.js reads it. */
export interface KeptPage {
  title: string;
  locale: string;
  /** When all of it was known to be the newest, ms on the server's clock. */
  at: number;
  /** The server's clock less this browser's, ms. */
  ahead: number;
  /** Some of it is no real data. */
  isDemo: boolean;
  numbers: KeptNumber[];
  tables: KeptTable[];
}

export interface Shown {
  title: string;
  /** The test ids of the page's widgets, in their order: `metric-<channel>-<metric>`, `table-<channel>`. */
  widgets: readonly string[];
}

interface Reader extends Pick<KeptPage, "at" | "ahead"> {
  channels: readonly Channel[];
  stateOf(channel: string): ChannelState | undefined;
  place: Place;
}

/** What to keep of a page; `undefined` when it shows nothing that could be kept. */
export function keptPage({ title, widgets }: Shown, reader: Reader): KeptPage | undefined {
  const { channels, stateOf, place, at, ahead } = reader;
  const metrics = new Map<string, MetricRef>();
  const lists = new Map<string, Exclude<Channel, { kind: "record" }>>();
  for (const channel of channels) {
    if (channel.kind !== "record") lists.set(`${channel.kind}-${channel.name}`, channel);
    else
      for (const metric of Object.values(channel.metrics))
        metrics.set(`metric-${channel.name}-${metric.metric}`, metric);
  }
  const shown = [...new Set(widgets)];
  const numbers = shown.flatMap((id) => keptNumber(metrics.get(id), stateOf, place) ?? []);
  const tables = shown.flatMap((id) => keptTable(lists.get(id), stateOf, place) ?? []);
  if (numbers.length + tables.length === 0) return undefined;
  return {
    title: title.slice(0, MAX_TEXT),
    locale: place.locale,
    at,
    ahead,
    isDemo: shown.some((id) => {
      const channel = metrics.get(id)?.channel ?? lists.get(id)?.name;
      return channel !== undefined && stateOf(channel)?.by === "demo";
    }),
    numbers: numbers.slice(0, MAX_NUMBERS),
    tables: tables.slice(0, MAX_TABLES),
  };
}

function keptNumber(
  metric: MetricRef | undefined,
  stateOf: Reader["stateOf"],
  { locale }: Place,
): KeptNumber | undefined {
  const state = metric && stateOf(metric.channel);
  if (state?.kind !== "record" || state.asOf === null) return undefined;
  const { text, unit, unitFirst } = formatValue(state.values[metric!.metric], metric!, locale);
  return { title: metric!.title, text, unit, unitFirst, at: state.asOf };
}

function keptTable(
  channel: Exclude<Channel, { kind: "record" }> | undefined,
  stateOf: Reader["stateOf"],
  place: Place,
): KeptTable | undefined {
  const state = channel && stateOf(channel.name);
  if (!state || state.kind === "record" || state.asOf === null) return undefined;
  const columns = Object.entries(channel!.kind === "table" ? channel!.table.columns : channel!.feed.fields);
  const all =
    state.kind === "table" ? Object.values(state.rows) : state.items.map(({ item }) => item).reverse();
  if (all.length === 0) return undefined;
  const kept = columns.slice(0, MAX_COLUMNS);
  return {
    title: channel!.title,
    columns: kept.map(([, { title, type }]) => ({ title, isNumber: type === "number" })),
    rows: all.slice(0, MAX_ROWS).map((row) =>
      kept.map(([name, { type, unit = "none", ...format }]) => {
        const cell = row[name];
        if (cell === null || cell === undefined) return "–";
        if (typeof cell !== "number") return String(cell).slice(0, MAX_TEXT);
        if (type === "time") return formatTime(cell, place);
        return formatInline(cell, { unit, ...format }, place.locale);
      }),
    ),
    more: Math.max(0, all.length - MAX_ROWS),
    at: state.asOf,
  };
}

/** Which kept pages are to be dropped: those that are too old, and the oldest of too many. `wall` is in ms. */
export function droppedPages(
  kept: ReadonlyMap<string, Pick<KeptPage, "at" | "ahead">>,
  wall: number,
): string[] {
  const savedAt = ({ at, ahead }: Pick<KeptPage, "at" | "ahead">) => at - ahead;
  const newestFirst = [...kept].sort(([, a], [, b]) => savedAt(b) - savedAt(a));
  return newestFirst
    .filter(([, page], place) => place >= MAX_PAGES || !(wall - savedAt(page) <= MAX_KEPT_MS))
    .map(([path]) => path);
}
