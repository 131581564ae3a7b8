import type { FromEnvironment, PullOptions } from "./options";

/**
 * Where a value is: a JSONPath (RFC 9535) to one. A text such as `"12.5"` is a number only with `fromText`, so that a
 * "n/a" or an id is not taken for one.
 */
export type JsonValueAt = string | { path: string; fromText: true };

/** JSON from an address, asked at the cadence with `If-None-Match`. */
export interface HttpOptions<Names extends string = string> extends PullOptions {
  kind: "http";
  url: string | FromEnvironment;
  headers?: Record<string, string | FromEnvironment>;
  /** JSONPath to the rows of a table, such as `$.regions[*]`. */
  rows?: string;
  /** Where each value is, from the document or, in a table, from the row. By default `$.name`. */
  values?: Partial<Record<NoInfer<Names>, JsonValueAt>>;
  /** The most bytes of an answer; 1 MB by default. */
  maxBytes?: number;
}
