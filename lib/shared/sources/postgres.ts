import type { FromEnvironment, PullOptions, StreamOptions } from "./options";

/**
 * One SELECT, asked at the cadence in a read-only transaction. A record takes the first row, a table all of them, each
 * column by its name. A feed takes the rows that are new: `after` names a column that only grows, and the query has
 * `$1` where its last value belongs and gives the rows in that order.
 */
export interface PostgresOptions<Names extends string = string> extends PullOptions {
  kind: "postgres";
  /** `postgres://user:password@host:5432/database` */
  url: FromEnvironment;
  sql: string;
  /** Where the query's column has another name than the channel's. */
  columns?: Partial<Record<NoInfer<Names>, string>>;
  /** For a feed: a column of whole numbers. */
  after?: string;
}

/** LISTEN: each notification's payload is a message. What is notified while nobody listens is lost. */
export interface PostgresListenOptions extends StreamOptions {
  kind: "postgres-listen";
  url: FromEnvironment;
  /** The notification channel. */
  listen: string;
}
