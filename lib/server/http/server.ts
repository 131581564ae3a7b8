import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { CODES, CodedError, toProblem } from "@/lib/shared/codes";
import { refusal } from "./admission";
import type { RequestStats } from "./request-stats";
import { limitBodyTime, TIME_LIMITS } from "./time-limits";

/** Node's default of 511 overflows when everybody reconnects at once; each lost SYN waits a second. */
export const LISTEN_BACKLOG = 4096;
const HELD = /^\/api\/live\/(events|poll\?(.*&)?wait=[1-9])/;

/** Where Next listens for upgrades (hot reload): it never sees the real server's, which are checked first. */
export const nextUpgrades = new EventEmitter() as unknown as Server;

interface HttpOptions {
  handle: (req: IncomingMessage, res: ServerResponse) => unknown;
  requests: RequestStats;
  /** In development Next takes the upgrades that are not Socket.IO's. */
  dev: boolean;
  /** Socket.IO's engine, which is given the upgrades of its path. */
  engine: { handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void };
  limits?: typeof TIME_LIMITS;
  /** The process will end soon. */
  isStopping?: () => boolean;
}

/** The one door: every request and every upgrade is checked here, whatever serves it. */
export function createHttpServer(options: HttpOptions): Server {
  const { handle, requests, dev, engine, limits = TIME_LIMITS, isStopping = () => false } = options;
  const { headersMs: headersTimeout, checkMs: connectionsCheckingInterval } = limits;
  const serve = (req: IncomingMessage, res: ServerResponse) => {
    // A connection that is kept open would lead its next request to a process that ends.
    if (isStopping() || !server.listening) res.shouldKeepAlive = false;
    limitBodyTime(req, res, limits);
    const code = refusal(req);
    if (code) return answerProblem(res, code);
    const started = performance.now();
    if (!HELD.test(req.url ?? ""))
      res.on("finish", () => requests.record(performance.now() - started, res.statusCode));
    void handle(req, res);
  };
  const server = createServer({ requestTimeout: 0, headersTimeout, connectionsCheckingInterval }, serve);
  // RFC 9110, 10.1.1: what is expected and not known "MAY" be refused. Node would do so past this door.
  server.on("checkExpectation", serve);
  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (req.headers.upgrade?.toLowerCase() !== "websocket") return ignoreUpgrade(server, req, socket, head);
    socket.on("error", () => socket.destroy());
    const code = refusal(req);
    if (code) return refuseUpgrade(socket, CODES[code].status);
    if (req.url?.startsWith("/socket.io/")) engine.handleUpgrade(req, socket, head);
    else if (dev && req.url?.startsWith("/_next/")) nextUpgrades.emit("upgrade", req, socket, head);
    else refuseUpgrade(socket, 404);
  });
  return server;
}

/**
 * RFC 9110, 7.8: "A server MAY ignore a received Upgrade header field". Java's client offers HTTP/2 (h2c) with
 * every first request, a POST to ingest included. Node does not read on after such a head, so it is given the
 * same one again without the offer.
 */
function ignoreUpgrade(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${req.method} ${req.url} HTTP/1.1`];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const [name, value] = req.rawHeaders.slice(i, i + 2) as [string, string];
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}

function answerProblem(res: ServerResponse, code: keyof typeof CODES): void {
  const problem = toProblem(new CodedError(code));
  res.writeHead(problem.status, { "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  res.end(JSON.stringify(problem));
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}
