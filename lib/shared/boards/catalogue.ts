/** What can be picked for a board, from what the channels say of themselves. Pure. */
import type { Channel, FeedRef, MetricRef, RecordChannel, TableRef, Unit } from "@/lib/shared/define-channel";
import { MAX_METRICS, type Pick, type WidgetKind } from "./board";

/** One thing to look at, and the ways to look at it. */
export interface Entry {
  title: string;
  about?: string;
  picks: readonly Pick[];
}

export interface CatalogueSection {
  /** The channel's. */
  name: string;
  title: string;
  entries: readonly Entry[];
}

/** All that can be picked, by channel in their order. */
export function catalogueOf(channels: readonly Channel[]): CatalogueSection[] {
  return channels.map((channel) => ({
    name: channel.name,
    title: channel.title,
    entries: entriesOf(channel),
  }));
}

/** Units of what can be parts of a whole. */
const ADDS_UP: ReadonlySet<Unit> = new Set(["count", "bytes", "bytesPerSecond", "perSecond", "currency"]);

/** What has all of these words in its title, its explanation or its group's; sections without any are left out. */
export function searchCatalogue(sections: readonly CatalogueSection[], text: string): CatalogueSection[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return sections
    .map((section) => ({
      ...section,
      entries: section.entries.filter(({ title, about = "" }) => {
        const whole = `${section.title} ${title} ${about}`.toLowerCase();
        return words.every((word) => whole.includes(word));
      }),
    }))
    .filter(({ entries }) => entries.length > 0);
}

function entriesOf(channel: Channel): Entry[] {
  const pick = (kind: WidgetKind, ...of: string[]): Pick => ({ kind, channel: channel.name, of });
  if (channel.kind === "feed")
    return [{ title: channel.title, about: "The newest ones.", picks: [pick("list"), pick("table")] }];
  if (channel.kind === "table") {
    const numbers = Object.entries(channel.table.columns).filter(([, { type }]) => type === "number");
    return [
      { title: channel.title, about: "All rows.", picks: [pick("table")] },
      ...numbers.map(([column, { title }]) => ({
        title: byRow(title, channel.table),
        about: "The largest first, as they are now.",
        picks: [pick("category", column)],
      })),
    ];
  }
  const single = Object.entries(channel.metrics).map(([name, metric]) => ({
    title: metric.title,
    ...(metric.about && { about: metric.about }),
    picks: [
      pick("card", name),
      ...(metric.max === undefined ? [] : [pick("gauge", name)]),
      ...(["line", "area", "bar"] as const).map((kind) => pick(kind, name)),
    ],
  }));
  const groups = groupsOf(channel).map((names) => ({
    title: titleOf(names.map((name) => channel.metrics[name]!)),
    about: "In one chart.",
    picks: (["line", "stacked", "bar"] as const)
      .filter((kind) => kind !== "stacked" || ADDS_UP.has(channel.metrics[names[0]!]!.unit))
      .map((kind) => pick(kind, ...names)),
  }));
  return [...groups, ...single];
}

/** The metrics that one axis serves; too many for one chart are none. */
function groupsOf({ metrics }: RecordChannel): string[][] {
  const byUnit = new Map<string, string[]>();
  for (const [name, { unit, currency = "", type = "gauge" }] of Object.entries(metrics)) {
    const key = `${unit} ${currency} ${type}`;
    byUnit.set(key, [...(byUnit.get(key) ?? []), name]);
  }
  return [...byUnit.values()].filter((names) => names.length > 1 && names.length <= MAX_METRICS);
}

/** "CPU, Memory and Disk"; of more than three the first two. */
function titleOf(metrics: readonly MetricRef[]): string {
  const titles = metrics.map(({ title }) => title);
  if (titles.length > 3) return `${titles.slice(0, 2).join(", ")} and ${titles.length - 2} more`;
  return titles.length < 2 ? titles.join() : `${titles.slice(0, -1).join(", ")} and ${titles.at(-1)}`;
}

/** A pick with what it reads, as widgets take it, and what it is called. */
export type Found = { title: string; channel: Channel } & (
  | { kind: "card" | "gauge"; metric: MetricRef }
  | { kind: "line" | "area" | "stacked" | "bar"; metrics: readonly MetricRef[] }
  | { kind: "category"; table: TableRef; column: string }
  | { kind: "table"; table: TableRef }
  | { kind: "table" | "list"; feed: FeedRef }
);

/** What a pick reads, among these channels; `undefined` when it is not there (any more). */
export function findPick(channels: readonly Channel[], pick: Pick): Found | undefined {
  const channel = channels.find(({ name }) => name === pick.channel);
  if (!channel) return undefined;
  const found = findIn(channel, pick);
  return found && { ...found, channel, title: pick.title ?? found.title };
}

function findIn(channel: Channel, { kind, of }: Pick) {
  if (channel.kind === "feed")
    return kind === "table" || kind === "list"
      ? { kind, feed: channel.feed, title: channel.title }
      : undefined;
  if (channel.kind === "table") return findInTable(channel.table, kind, of[0]);
  if (kind === "table" || kind === "category" || kind === "list") return undefined;
  const known = of.flatMap((name) => (Object.hasOwn(channel.metrics, name) ? [channel.metrics[name]!] : []));
  const [first] = known;
  if (!first) return undefined;
  if (kind === "card" || (kind === "gauge" && first.max !== undefined))
    return { kind, metric: first, title: first.title };
  if (kind === "gauge") return undefined;
  // One axis has one unit, whatever a link says.
  const metrics = known.filter(({ unit, currency }) => unit === first.unit && currency === first.currency);
  return { kind, metrics, title: titleOf(metrics) };
}

function findInTable(table: TableRef, kind: WidgetKind, column: string | undefined) {
  if (kind === "table") return { kind, table, title: table.title };
  if (kind !== "category" || column === undefined || !Object.hasOwn(table.columns, column)) return undefined;
  const { type, title } = table.columns[column]!;
  if (type !== "number") return undefined;
  return { kind, table, column, title: byRow(title, table) };
}

/** "Revenue today by region" */
function byRow(title: string, { columns, key }: TableRef): string {
  return `${title} by ${columns[key]!.title.toLowerCase()}`;
}

/** How a feed reads as a list: its first text names an item, others stand below it, a last amount at the right. */
export function listLook({ fields }: FeedRef): { main: string; details: string[]; amount?: string } {
  const names = Object.keys(fields);
  const texts = names.filter((name) => fields[name]!.type === "text");
  const main = texts.find((name) => name === "title") ?? texts[0] ?? names[0]!;
  const amount = names.findLast((name) => fields[name]!.type === "number" && name !== main);
  return { main, details: texts.filter((name) => name !== main).slice(0, 3), ...(amount && { amount }) };
}
