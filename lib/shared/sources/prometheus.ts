import type { FromEnvironment, PullOptions } from "./options";

/** Which series of a scrape make a value. Several are added up. */
export interface Series {
  /** The metric's name in the scrape. */
  name: string;
  /** Labels that a series must have. */
  where?: Record<string, string>;
  /** A counter's growth a second; told from the second scrape on. */
  rate?: boolean;
}

/** A `/metrics` page in Prometheus' text format. */
export interface PrometheusOptions<Names extends string = string> extends PullOptions {
  kind: "prometheus";
  url: string | FromEnvironment;
  headers?: Record<string, string | FromEnvironment>;
  values: Partial<Record<NoInfer<Names>, Series | string>>;
  /** A table has a row for each value of this label; its key column has the label's value. */
  by?: string;
}

/** Instant queries to a Prometheus server. */
export interface PromqlOptions<Names extends string = string> extends PullOptions {
  kind: "promql";
  /** The server's address, without `/api`. */
  url: string | FromEnvironment;
  headers?: Record<string, string | FromEnvironment>;
  queries: Partial<Record<NoInfer<Names>, string>>;
  /** A table has a row for each value of this label in the answers; its key column has the label's value. */
  by?: string;
}
