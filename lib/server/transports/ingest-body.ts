import { CodedError } from "@/lib/shared/codes";
import { decode, nextChunk } from "../http/read-body";

/** The most of one body that is stored all or nothing. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** A long upload is stored and reported in groups of at most this many lines. */
const GROUP_LINES = 500;
const MAX_LINE_BYTES = 64 * 1024;
/** A long upload may be silent for this long, ms. */
const IDLE_MS = 60_000;

/** The two kinds of body that are read; anything else is refused with 415. */
export function bodyType(request: Request): "json" | "ndjson" {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") {
    throw new CodedError("unsupported_encoding", "Send the body uncompressed.", {
      field: "Content-Encoding",
    });
  }
  if (type === "application/json") return "json";
  if (type === "application/x-ndjson" || type === "application/ndjson") return "ndjson";
  throw new CodedError("unsupported_media_type", "Send application/json or application/x-ndjson.", {
    field: "Content-Type",
  });
}

/** Without a length, or with one over the bound of a single body, an upload is taken in groups. */
export function isLong(request: Request): boolean {
  const length = request.headers.get("content-length");
  return length === null || Number(length) > MAX_BODY_BYTES;
}

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
export const PRODUCER = /^[\w .-]{1,40}$/;

/** `Idempotency-Key`, if there is one. */
export function readIdempotencyKey(request: Request): string | undefined {
  return checkIdempotencyKey(request.headers.get("idempotency-key"), "Idempotency-Key");
}

/** The label that a producer gives itself; `demo` is said on the screen. */
export function readProducer(request: Request): string | undefined {
  return checkProducer(request.headers.get("nowboard-producer"), "Nowboard-Producer");
}

/** What was given in that field, if anything was. Throws `invalid_idempotency_key`. */
export function checkIdempotencyKey(given: unknown, field: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string" && IDEMPOTENCY_KEY.test(given)) return given;
  throw new CodedError("invalid_idempotency_key", "1 to 200 visible ASCII characters.", { field });
}

/** The same for the producer's label. Throws `bad_request`. */
export function checkProducer(given: unknown, field: string): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "string" && PRODUCER.test(given)) return given;
  throw new CodedError("bad_request", "1 to 40 letters, digits, spaces, dots or dashes.", { field });
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new CodedError("invalid_json", (cause as Error).message, { cause });
  }
}

/** NDJSON; blank lines are skipped. `first` is the number of lines before this text, for messages. */
export function parseLines(body: string, first = 0): unknown[] {
  return body
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, i) => {
      try {
        return JSON.parse(line);
      } catch (cause) {
        throw new CodedError("invalid_json", `Line ${first + i + 1}: ${(cause as Error).message}`, {
          cause,
          index: first + i,
        });
      }
    });
}

/** Lines of a long upload, in the groups in which they arrive; blank ones are skipped. */
export async function* groupsOfLines(request: Request): AsyncGenerator<string[]> {
  const reader = request.body!.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader, AbortSignal.timeout(IDLE_MS));
      const lines = (rest + decode(decoder, done ? undefined : value)).split("\n");
      rest = done ? "" : lines.pop()!;
      const group = lines.filter((line) => line.trim() !== "");
      for (let start = 0; start < group.length; start += GROUP_LINES)
        yield group.slice(start, start + GROUP_LINES);
      if (done) return;
      if (rest.length > MAX_LINE_BYTES) {
        throw new CodedError("payload_too_large", `A line is longer than ${MAX_LINE_BYTES} bytes.`);
      }
    }
  } finally {
    // Nobody reads the rest of a refused upload.
    void reader.cancel().catch(() => {});
  }
}
