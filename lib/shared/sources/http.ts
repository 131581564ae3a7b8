import type { FromEnvironment, PullOptions } from "./options";

/** JSON from an address, asked at the cadence with `If-None-Match`. */
export interface HttpOptions<Names extends string = string> extends PullOptions {
  kind: "http";
  url: string | FromEnvironment;
  headers?: Record<string, string | FromEnvironment>;
  /** JSONPath (RFC 9535) to the rows of a table, such as `$.regions[*]`. */
  rows?: string;
  /** JSONPath to each value, from the document or, in a table, from the row. A name alone by default: `$.name`. */
  values?: Partial<Record<NoInfer<Names>, string>>;
  /** The most bytes of an answer; 1 MB by default. */
  maxBytes?: number;
}
