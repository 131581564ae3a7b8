/**
 * Channels: the named, typed units of subscription. A definition holds *references* (`channel.metrics.cpu`,
 * `channel.table`, `channel.feed`), plain objects that a server component can hand to a client component.
 */

/** How a number reads. `currency` takes its ISO code from the metric. */
export type Unit =
  | "count"
  | "percent"
  | "bytes"
  | "bytesPerSecond"
  | "perSecond"
  | "milliseconds"
  | "currency"
  | "none";

/**
 * What a metric's numbers are, which decides how its past is summed up. `gauge`: a level that is read now and then;
 * `rate`: so much a second. Both are averaged. `counter`: a total that grows and may begin again at zero; its past is
 * its last value, and how much it grew.
 */
export type MetricType = "gauge" | "rate" | "counter";

/** A value that means something on every chart of the metric, drawn as a labelled line. */
export interface Threshold {
  value: number;
  label: string;
  level: "attention" | "bad";
}

export interface MetricOptions {
  title: string;
  unit: Unit;
  /** `gauge` by default. */
  type?: MetricType;
  /** ISO 4217 code, for `currency`. */
  currency?: string;
  /** Which direction is good news for this number. */
  good?: "up" | "down";
  /** Digits after the decimal point; `Intl`'s choice by default. */
  digits?: number;
  /** One sentence for the person who asks what this is. */
  about?: string;
  /** The line's axis starts here (where zero means something, 0). */
  min?: number;
  /** The largest possible value, where there is one (100 for a percentage). */
  max?: number;
  thresholds?: readonly Threshold[];
}

interface ChannelOptions {
  /** Lower case letters, digits and dashes; it is part of URLs. */
  name: string;
  title: string;
  /** How often news is expected, in ms. */
  cadence: number;
  /** The freshness that the author promises: data older than this (ms) is shown as late. */
  maxAge: number;
  /** Who fills it: a source of this server, or producers through ingest. */
  filledBy: "source" | "ingest";
}

/** What every reference carries, so that a widget needs nothing else. */
interface Ref {
  channel: string;
  channelTitle: string;
  cadence: number;
  maxAge: number;
  filledBy: "source" | "ingest";
}

export interface MetricRef extends MetricOptions, Ref {
  kind: "metric";
  metric: string;
}

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

export interface ColumnOptions {
  title: string;
  type: "text" | "number" | "time";
  unit?: Unit;
  currency?: string;
  digits?: number;
  /** An item without it, or with only spaces, is refused (text of a feed). */
  required?: boolean;
  /** Text: anything else is refused. */
  oneOf?: readonly string[];
  /** Text: the most characters; 2000 by default. */
  maxLength?: number;
  /** Text: what it may look like, for who writes a producer. */
  example?: string;
  /**
   * A time of a feed: the item is about a stretch that begins at its own time and ends at this one, at most so many
   * ms later.
   */
  endsWithin?: number;
}

export interface TableRef<Columns extends string = string> extends Ref {
  kind: "table";
  title: string;
  key: Columns;
  columns: Record<Columns, ColumnOptions>;
}

export interface FeedRef<Fields extends string = string> extends Ref {
  kind: "feed";
  title: string;
  fields: Record<Fields, ColumnOptions>;
  keep: number;
}

export interface RecordChannel<M extends string = string> extends ChannelOptions {
  kind: "record";
  metrics: { readonly [K in M]: MetricRef };
}

export interface TableChannel<C extends string = string> extends ChannelOptions {
  kind: "table";
  maxRows: number;
  table: TableRef<C>;
}

export interface FeedChannel<F extends string = string> extends ChannelOptions {
  kind: "feed";
  keep: number;
  feed: FeedRef<F>;
}

export type Channel = RecordChannel | TableChannel | FeedChannel;

type RecordInput<M extends string> = ChannelOptions & { kind: "record"; metrics: Record<M, MetricOptions> };
type TableInput<C extends string> = ChannelOptions & {
  kind: "table";
  columns: Record<C, ColumnOptions>;
  /** The column whose value is a row's key. */
  key: NoInfer<C>;
  maxRows?: number;
};
type FeedInput<F extends string> = ChannelOptions & {
  kind: "feed";
  fields: Record<F, ColumnOptions>;
  /** How many items are kept; older ones leave the page, not the log. */
  keep: number;
};

/**
 * The channel whose names were found: the others are `never`. With one signature for all kinds the compiler says what is
 * wrong with this one; of overloads it would say why the last does not fit.
 */
type Defined<M extends string, C extends string, F extends string> = [M] extends [never]
  ? [C] extends [never]
    ? FeedChannel<F>
    : TableChannel<C>
  : RecordChannel<M>;

/**
 * Defines a channel once, for server and client. Throws at start for a bad name or an impossible promise.
 *
 * - `record`: named numbers that are merged; `channel.metrics.<name>` is a reference to one.
 * - `table`: rows by key; `channel.table`.
 * - `feed`: items appended, the last `keep` kept; `channel.feed`.
 */
export function defineChannel<
  const M extends string = never,
  const C extends string = never,
  const F extends string = never,
>(input: RecordInput<M> | TableInput<C> | FeedInput<F>): Defined<M, C, F>;
export function defineChannel(input: RecordInput<string> | TableInput<string> | FeedInput<string>): Channel {
  const { name, title, cadence, maxAge, filledBy } = input;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw new Error(`"${name}" cannot be a channel's name`);
  if (!(cadence > 0) || !(maxAge >= cadence)) throw new Error(`${name}: maxAge must be at least the cadence`);
  const common = { name, title, cadence, maxAge, filledBy };
  const ref: Ref = { channel: name, channelTitle: title, cadence, maxAge, filledBy };
  if (input.kind === "record") {
    const metrics = Object.fromEntries(
      Object.entries(input.metrics).map(([metric, options]) => [
        metric,
        { ...options, ...ref, kind: "metric" as const, metric },
      ]),
    );
    return { ...common, kind: "record", metrics };
  }
  if (input.kind === "table") {
    if (!Object.hasOwn(input.columns, input.key)) throw new Error(`${name}: the key is not a column`);
    const table = { ...ref, kind: "table" as const, title, key: input.key, columns: input.columns };
    return { ...common, kind: "table", maxRows: input.maxRows ?? 10_000, table };
  }
  if (!(Number.isSafeInteger(input.keep) && input.keep > 0))
    throw new Error(`${name}: keep must be a number of items`);
  const feed = { ...ref, kind: "feed" as const, title, fields: input.fields, keep: input.keep };
  return { ...common, kind: "feed", keep: input.keep, feed };
}
