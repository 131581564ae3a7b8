/**
 * Every error that Nowboard answers, on any transport (T6). `retry`: may the same request succeed later
 * without being changed? A client that gets a code it does not know treats it by its HTTP status.
 */
export const CODES = {
  bad_request: { status: 400, retry: false, title: "The request is malformed" },
  invalid_json: { status: 400, retry: false, title: "The body is not valid JSON" },
  invalid_field: { status: 422, retry: false, title: "A field does not fit the channel" },
  invalid_cursor: { status: 400, retry: false, title: "The cursor is not one" },
  invalid_idempotency_key: { status: 400, retry: false, title: "The idempotency key is not acceptable" },
  invalid_range: { status: 400, retry: false, title: "The range of time is not acceptable" },
  unauthorized: { status: 401, retry: false, title: "A valid key is needed" },
  forbidden_host: { status: 403, retry: false, title: "This host name is not served" },
  forbidden_origin: { status: 403, retry: false, title: "Requests from other sites are not served" },
  forbidden_channel: { status: 403, retry: false, title: "This key is for other channels" },
  not_found: { status: 404, retry: false, title: "There is nothing here" },
  unknown_channel: { status: 404, retry: false, title: "There is no such channel" },
  method_not_allowed: { status: 405, retry: false, title: "This method is not served here" },
  body_timeout: { status: 408, retry: true, title: "The body did not arrive in time" },
  not_ingestable: { status: 409, retry: false, title: "This channel is filled by the server" },
  table_full: { status: 409, retry: false, title: "The table holds as many rows as it may" },
  drain_under_way: { status: 409, retry: false, title: "Another node is being drained" },
  not_removable: { status: 409, retry: false, title: "Only what was added by hand can be removed" },
  source_off: { status: 409, retry: false, title: "The source is off: it lacks a setting" },
  last_node: { status: 409, retry: false, title: "The last node cannot be drained" },
  payload_too_large: { status: 413, retry: false, title: "The body is too large" },
  unsupported_media_type: { status: 415, retry: false, title: "This content type is not accepted" },
  unsupported_encoding: { status: 415, retry: false, title: "This content encoding is not accepted" },
  future_timestamp: { status: 422, retry: false, title: "The source time lies in the future" },
  idempotency_conflict: { status: 422, retry: false, title: "This key was used with another body" },
  place_passed: { status: 409, retry: false, title: "Somebody else has read on in this stream" },
  rate_limited: { status: 429, retry: true, title: "Too much came in too short a time" },
  too_many_connections: { status: 429, retry: true, title: "Too many connections from this address" },
  too_many_channels: { status: 400, retry: false, title: "Too many channels in one subscription" },
  internal: { status: 500, retry: true, title: "Something went wrong on the server" },
  log_unavailable: { status: 503, retry: true, title: "The log is out of reach" },
  history_unavailable: { status: 503, retry: true, title: "The archive is out of reach" },
  keys_unavailable: { status: 503, retry: true, title: "The ingest keys are out of reach" },
  log_busy: { status: 503, retry: true, title: "The log is busy" },
  server_full: { status: 503, retry: true, title: "The server has as many connections as it takes" },
  overloaded: { status: 503, retry: true, title: "Too much work is waiting" },
  unknown_outcome: { status: 503, retry: true, title: "It is not known whether this was stored" },
  behind: { status: 503, retry: true, title: "This node has not read up to that cursor yet" },
  cluster_unavailable: { status: 503, retry: true, title: "The other nodes are out of reach" },
  stopping: { status: 503, retry: true, title: "The server is stopping" },
  node_silent: { status: 504, retry: true, title: "The node did not answer in time" },
  storage_full: { status: 507, retry: true, title: "The disk is full" },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>;

export type Code = keyof typeof CODES;

/** An RFC 9457 problem document. `field` names the part of the request at fault, where there is one. */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  code: Code;
  detail?: string;
  field?: string;
  /** How many seconds to wait before a retry. */
  retryAfter?: number;
  /** For a body of several updates: the place of the faulty one, from 0. */
  index?: number;
}

export type ProblemExtras = Pick<Problem, "field" | "retryAfter" | "index">;

/**
 * An error with a stable code. Modules exist once per bundle in a Next server, so errors are told apart
 * by `code`, never by `instanceof`.
 */
export class CodedError extends Error {
  readonly code: Code;
  readonly extras: ProblemExtras;

  constructor(code: Code, detail?: string, extras: ProblemExtras & { cause?: unknown } = {}) {
    const { cause, ...rest } = extras;
    super(detail ?? CODES[code].title, cause === undefined ? undefined : { cause });
    this.name = "CodedError";
    this.code = code;
    this.extras = rest;
  }
}

/** The code that an unknown thrown value carries, if it is one of ours. */
export function codeOf(error: unknown): Code | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && Object.hasOwn(CODES, code) ? (code as Code) : undefined;
}

/** The problem document for anything thrown. What is not ours becomes `internal` and tells no secrets. */
export function toProblem(error: unknown): Problem {
  const code = codeOf(error) ?? "internal";
  const { status, title } = CODES[code];
  const base = { type: "about:blank", title, status, code } as const;
  if (code === "internal") return base;
  const { message, extras } = error as CodedError;
  return { ...base, detail: message, ...extras };
}
