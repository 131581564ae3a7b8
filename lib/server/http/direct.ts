import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { CodedError } from "@/lib/shared/codes";
import { problemResponse } from "./problem";

/**
 * What is posted in such numbers that Next's own cost counts: an ingest request takes 0.3 ms of CPU here, and more than
 * 1 ms as a route handler.
 */
export interface DirectRoute {
  /** Of a path, escapes included; its first group is handed on, decoded. */
  path: RegExp;
  /** Answers a POST. Never rejects. */
  answer(request: Request, parameter: string): Promise<Response>;
}

/** Answers the request when it is the route's; false leaves it to others. */
export function answerDirectly(
  { path, answer }: DirectRoute,
  req: IncomingMessage,
  res: ServerResponse,
): boolean {
  const target = req.url ?? "";
  const end = target.indexOf("?");
  const parameter = decoded(path.exec(end < 0 ? target : target.slice(0, end))?.[1]);
  if (parameter === undefined) return false;
  if (req.method !== "POST") {
    // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
    void send(problemResponse(new CodedError("method_not_allowed"), { Allow: "POST" }), res);
    return true;
  }
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  answer(requestOf(req, gone.signal), parameter)
    .then((response) => send(response, res))
    // The client left before its answer was complete.
    .catch(() => res.destroy());
  return true;
}

function decoded(parameter: string | undefined): string | undefined {
  if (parameter === undefined) return undefined;
  try {
    return decodeURIComponent(parameter);
  } catch {
    return undefined;
  }
}

function requestOf(req: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let i = 0; i < req.rawHeaders.length; i += 2)
    headers.append(req.rawHeaders[i]!, req.rawHeaders[i + 1]!);
  // The host was checked at the door; only path and query matter here. Node's request is an async iterable, which is
  // read no faster than it is asked for.
  const init = { method: "POST", headers, signal, body: req, duplex: "half" };
  return new Request(new URL(req.url ?? "/", "http://localhost"), init as unknown as RequestInit);
}

async function send(response: Response, res: ServerResponse): Promise<void> {
  res.writeHead(response.status, Object.fromEntries(response.headers));
  // Reports of a long upload are written as they come; everything else is short, and one packet.
  if (response.headers.get("content-type") === "application/x-ndjson" && response.body)
    return pipeline(Readable.fromWeb(response.body as ReadableStream), res);
  res.end(Buffer.from(await response.arrayBuffer()));
}
