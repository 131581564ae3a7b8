import type {
  Cell,
  Channel,
  FeedChannel,
  RecordChannel,
  Row,
  TableChannel,
} from "@/lib/shared/define-channel";

export interface ReadContext {
  /** Aborted when the read has taken too long; its result is then discarded. */
  signal: AbortSignal;
  /** The server's clock, ms. */
  now: number;
}

/**
 * What one read of a channel gives: for a record each of its metrics (`null` where there is no number), for a
 * table all its rows, for a feed the items that are new since the last read, oldest first.
 */
export type Reading<C extends Channel> = C extends RecordChannel
  ? { [M in keyof C["metrics"]]: number | null }
  : C extends TableChannel<infer K>
    ? Record<K, Cell>[]
    : C extends FeedChannel<infer F>
      ? Record<F, Cell>[]
      : never;

/** A reading whose channel is not known by type. */
export type AnyReading = Record<string, number | null> | Row[];

/** Where a channel's data comes from: asked at its cadence. */
export interface Source {
  channel: Channel;
  /** As people call it: "PostgreSQL". */
  kind: string;
  /** What it reads and where, without secrets. */
  target: string;
  /** How often to read, ms. Reads happen at multiples of it, so that sources share their ticks (H2). */
  cadence: number;
  /** How long a read may take, ms. */
  timeout: number;
  /** A rejection's message is shown to viewers as the reason for missing data. */
  read(context: ReadContext): Promise<AnyReading>;
  /** Lets go of what it holds, when the process ends. */
  close?(): Promise<void>;
}

interface SourceInput<C extends Channel, R> {
  channel: C;
  /** `"Nowboard"` by default: what this server knows by itself. */
  kind?: string;
  /** The channel's title by default. */
  target?: string;
  /** The channel's cadence by default. */
  cadence?: number;
  /** The channel's `maxAge` by default, at most ten seconds. */
  timeout?: number;
  read(context: ReadContext): Promise<R & Exactly<R, Reading<C>>>;
}

/** Refuses what the channel does not have: TypeScript alone only refuses what is missing. */
type Exactly<Got, Want> = Got extends readonly (infer G)[]
  ? Want extends readonly (infer W)[]
    ? readonly NoMore<G, W>[]
    : never
  : NoMore<Got, Want>;
type NoMore<Got, Want> = { [K in Exclude<keyof Got, keyof Want>]: never };

/** Defines a pull source; its reading is checked against the channel by type. Throws for impossible times. */
export function defineSource<C extends Channel, R extends Reading<C>>(input: SourceInput<C, R>): Source {
  const { channel, cadence = channel.cadence, timeout = Math.min(channel.maxAge, 10_000) } = input;
  // Reads that become ready within 50 ms of a tick share one append, so ticks lie further apart.
  if (!(cadence >= 100)) throw new Error(`${channel.name}: a source is read at most ten times a second`);
  if (!(timeout > 0)) throw new Error(`${channel.name}: the timeout must be positive`);
  const { kind = "Nowboard", target = channel.title } = input;
  const read: Source["read"] = (context) => input.read(context) as Promise<AnyReading>;
  return { channel, kind, target, cadence, timeout, read };
}
