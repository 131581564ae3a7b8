import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { CODES, CodedError, toProblem } from "@/lib/shared/codes";
import type { Refused } from "./gate";
import { REFUSAL_PAGE_POLICY, refusalPage } from "./refusal-page";
import type { Visit } from "./visit";

/** A peer that does not take its refusal is given this long, ms. */
const LINGER_MS = 5000;
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": REFUSAL_PAGE_POLICY,
};

/** Answers a request with the problem document of its refusal (T6), or somebody who opens a page with words. */
export function refuseRequest(
  { headers }: IncomingMessage,
  res: ServerResponse,
  { code, retryAfter }: Refused,
  { id, kind }: Visit,
): void {
  const problem = toProblem(new CodedError(code, undefined, { retryAfter }));
  const isForPerson = kind.route === "page" && headers.accept?.includes("text/html");
  res.writeHead(problem.status, { ...headersFor(retryAfter), ...(isForPerson && PAGE_HEADERS) });
  res.end(isForPerson ? refusalPage(problem, id) : JSON.stringify(problem));
}

/** Answers an upgrade in the same way, and ends its connection. */
export function refuseUpgrade(socket: Duplex, { code, retryAfter }: Refused, { id }: Visit): void {
  const { status } = CODES[code];
  const body = JSON.stringify(toProblem(new CodedError(code, undefined, { retryAfter })));
  const headers = {
    ...headersFor(retryAfter),
    "X-Request-Id": id,
    Connection: "close",
    "Content-Length": String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.on("close", () => clearTimeout(timer));
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`, () =>
    socket.destroy(),
  );
}

function headersFor(retryAfter: number | undefined): Record<string, string> {
  return {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  };
}
