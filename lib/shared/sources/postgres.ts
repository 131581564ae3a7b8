import type { FromEnvironment, PullOptions, StreamOptions } from "./options";

/**
 * One SELECT, asked at the cadence in a read-only transaction. A record takes the first row, a table all of them, each
 * column by its name.
 */
export interface PostgresOptions<Names extends string = string> extends PullOptions {
  kind: "postgres";
  /** `postgres://user:password@host:5432/database` */
  url: FromEnvironment;
  sql: string;
  /** Where the query's column has another name than the channel's. */
  columns?: Partial<Record<NoInfer<Names>, string>>;
}

/** LISTEN: each notification's payload is a message. */
export interface PostgresListenOptions extends StreamOptions {
  kind: "postgres-listen";
  url: FromEnvironment;
  /** The notification channel. */
  listen: string;
}
