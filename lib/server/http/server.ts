import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { CODES } from "@/lib/shared/codes";
import type { Gate, Refused } from "./gate";
import { refuseRequest, refuseUpgrade } from "./refuse";
import { OTHER_UPGRADE, SOCKET } from "./request-kind";
import type { Answered } from "./request-log";
import { limitBodyTime, TIME_LIMITS } from "./time-limits";
import { type Visit, within } from "./visit";
import { whenOver } from "./when-over";

/** Node's default of 511 overflows when everybody reconnects at once; each lost SYN waits a second. */
export const LISTEN_BACKLOG = 4096;

/** Where Next listens for upgrades (hot reload): it never sees the real server's, which are checked first. */
export const nextUpgrades = new EventEmitter() as unknown as Server;

interface HttpOptions {
  handle: (req: IncomingMessage, res: ServerResponse) => unknown;
  gate: Gate;
  /** Is told of every request that was answered, and of every upgrade that was refused. */
  answered: (visit: Visit, answer: Answered) => void;
  /** Is told when requests can come, and load with them. */
  opened: () => void;
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
  const { handle, gate, answered, opened, dev, engine, limits = TIME_LIMITS } = options;
  const { isStopping = () => false } = options;
  const { headersMs: headersTimeout, checkMs: connectionsCheckingInterval } = limits;

  /** Next may rewrite a request's target, so it is taken down before. */
  const tell = (visit: Visit, { method = "", url: target = "" }: IncomingMessage) => {
    return (status: number) =>
      answered(visit, { method, target, status, durationMs: performance.now() - visit.at });
  };

  const serve = (req: IncomingMessage, res: ServerResponse) => {
    // A connection that is kept open would lead its next request to a process that ends.
    if (isStopping() || !server.listening) res.shouldKeepAlive = false;
    limitBodyTime(req, res, limits);
    const visit = gate.visit(req);
    const done = tell(visit, req);
    res.setHeader("X-Request-Id", visit.id);
    res.on("finish", () => done(res.statusCode));
    const admitted = gate.admit(req, visit);
    if (typeof admitted !== "function") {
      visit.code = admitted.code;
      return refuseRequest(req, res, admitted, visit);
    }
    whenOver(req.socket, admitted, res);
    within(visit, () => void handle(req, res));
  };

  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const isSocket = req.url?.startsWith("/socket.io/");
    const isHotReload = dev && req.url?.startsWith("/_next/");
    const visit = gate.visit(req, isSocket ? SOCKET : OTHER_UPGRADE);
    const admitted = gate.admit(req, visit);
    if (typeof admitted !== "function" || !(isSocket || isHotReload)) {
      const refused: Refused = typeof admitted === "function" ? { code: "not_found" } : admitted;
      visit.code = refused.code;
      refuseUpgrade(socket, refused, visit);
      return tell(visit, req)(CODES[refused.code].status);
    }
    whenOver(socket, admitted);
    within(visit, () => {
      if (isSocket) engine.handleUpgrade(req, socket, head);
      else nextUpgrades.emit("upgrade", req, socket, head);
    });
  };

  const server = createServer({ requestTimeout: 0, headersTimeout, connectionsCheckingInterval }, serve);
  // What makes the loop late in development is the compiler, which is no load.
  if (!dev) server.once("listening", opened);
  // RFC 9110, 10.1.1: what is expected and not known "MAY" be refused. Node would do so past this door.
  server.on("checkExpectation", serve);
  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (req.headers.upgrade?.toLowerCase() !== "websocket") ignoreUpgrade(server, req, socket, head);
    else upgrade(req, socket, head);
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
