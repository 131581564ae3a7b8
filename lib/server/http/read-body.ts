import { CodedError } from "@/lib/shared/codes";

export interface BodyLimits {
  maxBytes: number;
  /** The whole body must have arrived within this, ms. */
  timeoutMs: number;
}

/** Reads a bounded body as text. Throws `payload_too_large` as soon as it is, `body_timeout`, or `bad_request`. */
export async function readBody(request: Request, { maxBytes, timeoutMs }: BodyLimits): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const reader = request.body?.getReader();
  if (!reader) return "";
  const deadline = AbortSignal.timeout(timeoutMs);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await nextChunk(reader, deadline);
      if (done) return text + decode(decoder);
      bytes += value.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      text += decode(decoder, value);
    }
  } catch (error) {
    void reader.cancel().catch(() => {});
    throw error;
  }
}

/** The next chunk, or `body_timeout` once the deadline has passed. */
export function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>, deadline: AbortSignal) {
  return new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
    const late = () => reject(new CodedError("body_timeout"));
    if (deadline.aborted) return late();
    deadline.addEventListener("abort", late, { once: true });
    reader
      .read()
      .then(resolve, (cause) => reject(new CodedError("bad_request", "The body ended early.", { cause })))
      .finally(() => deadline.removeEventListener("abort", late));
  });
}

/** Text of a chunk, or the rest at the end; `invalid_json` for what is not UTF-8 (RFC 8259, 8.1 asks for it). */
export function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw new CodedError("invalid_json", "The body is not UTF-8.", { cause });
  }
}

function tooLarge(maxBytes: number): CodedError {
  return new CodedError("payload_too_large", `At most ${maxBytes} bytes are accepted in one body.`);
}
