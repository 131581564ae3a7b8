import type { Code } from "./codes";

/** Every code that ingest answers, and what a producer does about it. */
export const INGEST_ERRORS = {
  bad_request: "Mend the field that is named.",
  invalid_json: "Send JSON in UTF-8; of lines, the number of the faulty one is named.",
  invalid_idempotency_key: "Use 1 to 200 visible ASCII characters, and none with a long upload.",
  unauthorized: "Show a key that is neither expired nor revoked.",
  forbidden_host: "Send to a host name that the server serves.",
  forbidden_origin: "Send from a program, or from a page of this server.",
  forbidden_channel: "Use a key that is for this channel; the answer says for which ones it is.",
  unknown_channel: "Look up the name of the channel.",
  body_timeout: "Send the whole body within 10 s, or as a long upload.",
  not_ingestable: "Post to a channel that producers fill.",
  table_full: "Delete rows that are not needed.",
  payload_too_large: "Send at most 1 MiB and 5000 updates at once, or NDJSON as a long upload.",
  unsupported_media_type: "Send application/json or application/x-ndjson.",
  unsupported_encoding: "Send the body uncompressed.",
  invalid_field: "Mend the field that is named; nothing of the body was stored.",
  future_timestamp: "Set the producer's clock: ts lies over five minutes ahead.",
  idempotency_conflict: "Take a new Idempotency-Key: this one was used with another body.",
  rate_limited: "Wait as long as Retry-After says, then send the same again.",
  internal: "Send the same again later, with an Idempotency-Key.",
  log_unavailable: "Wait as long as Retry-After says, then send the same again.",
  log_busy: "Wait as long as Retry-After says, then send the same again.",
  overloaded: "Wait as long as Retry-After says, then send the same again.",
  keys_unavailable: "Wait as long as Retry-After says, then send the same again.",
  unknown_outcome: "It may be stored: send the same again only with its Idempotency-Key.",
  stopping: "Send the same again at once; another server answers, or this one when it is back.",
  storage_full: "Send the same again when the server has room.",
} as const satisfies Partial<Record<Code, string>>;

export type IngestCode = keyof typeof INGEST_ERRORS;

export const INGEST_CODES = Object.keys(INGEST_ERRORS) as IngestCode[];
