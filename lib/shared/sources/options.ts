/** The name of an environment variable. Addresses with passwords stand there and not in the code. */
export interface FromEnvironment {
  env: string;
}

/** An address or secret that the operator gives in this variable. While it is unset the source is off, and says so. */
export function env(name: string): FromEnvironment {
  return { env: name };
}

/** A source that is asked, again and again. */
export interface PullOptions {
  /** How often, ms; the channel's cadence by default, at least 100. */
  every?: number;
  /** How long one answer may take, ms; the channel's `maxAge` by default, at most ten seconds. */
  timeout?: number;
}

/** One message, as what brings it says. */
export interface Message {
  /** Parsed, where it is JSON; else the text. */
  value: unknown;
  /** Topic, channel or stream that it came on. */
  topic: string;
  /** The message's own key (Kafka), id (Redis stream) or nothing. */
  key?: string;
  /** When the broker got it, ms, where it says that. */
  at?: number;
}

/**
 * What becomes of more messages than anybody can look at.
 * - `"every"`: each is stored; the sender is read more slowly when the log is busy.
 * - `{latest: ms}`: of each metric or row the newest is stored every so many ms (records and tables).
 * - `{sample: n}`: at most n messages a second are stored, the others are counted and dropped.
 */
export type Policy = "every" | { latest: number } | { sample: number };

/** A source that sends by itself. */
export interface StreamOptions {
  /** `"every"` by default. */
  policy?: Policy;
  /**
   * Makes of a message what the channel takes, the same shape as for ingest: an object of metrics, a row, an item, or
   * an array of them; each may have a `ts`. Nothing (`null`) leaves the message out. By default the message's value.
   */
  map?(message: Message): unknown;
}
