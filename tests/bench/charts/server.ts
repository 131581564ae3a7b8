/**
 * The server of both pages: Nowboard's own runtime, socket server and HTTP door without Next, and beside them what
 * the naive page needs.
 */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "socket.io";
import { createHttpServer, LISTEN_BACKLOG } from "@/lib/server/http/server";
import { createLogger } from "@/lib/server/logger";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { createSocketServer } from "@/lib/server/transports/socket";
import type { Point } from "@/lib/shared/protocol";
import { answerCalls } from "../calls";
import { createFeed, type Feed, type Reading } from "./feed";
import { CHANNELS } from "./page/channels";
import { type FasterTime, fasterNow } from "./page/faster-time";
import { servePages } from "./pages";

export interface ChartServerCalls {
  /** Resolves once it listens, all charts have their past, and readings flow. */
  start(start: { port: number; data: string; pages: string; faster?: FasterTime }): Promise<void>;
  /** A chart's readings that are younger than `ms`, the newest last. */
  recent(asked: { channel: string; ms: number }): Point[];
}

type Answer = (request: Request) => Promise<Response>;

const HOST = "127.0.0.1";
const NAIVE = "naive";
let feed: Feed | undefined;

answerCalls<ChartServerCalls>({
  async start({ port, data, pages, faster }) {
    const now = faster ? () => fasterNow(faster, Date.now()) : Date.now;
    const runtime = await startRuntime({
      settings: { ...readSettings({ NOWBOARD_DATA: data }), port, host: HOST },
      logger: createLogger("warn"),
      channels: CHANNELS,
      sources: [],
      now,
    });
    const io = createSocketServer();
    runtime.serveSocket(io);
    io.on("connection", (socket) => {
      if (socket.handshake.query.naive !== undefined) void socket.join(NAIVE);
    });
    if (faster) keepAlive(io, faster.speed);
    const started = createFeed(now, faster?.speed);
    feed = started;
    for (const readings of started.past()) await store(runtime, readings);
    const server = createHttpServer({
      handle: requestHandler(runtime, started, servePages(pages)),
      ...runtime.door,
      engine: io.engine,
      dev: false,
    });
    server.listen({ port, host: HOST, backlog: LISTEN_BACKLOG });
    await once(server, "listening");
    started.start((readings) => {
      void store(runtime, readings);
      for (const { channel, point } of readings) io.to(NAIVE).emit(channel, point);
    });
  },
  recent: ({ channel, ms }) => feed?.recent(channel, ms) ?? [],
});
// A reading that was not stored makes every figure of the run worthless.
process.on("unhandledRejection", (error) => {
  throw error;
});

/** A page whose time runs faster waits for a ping by its own clock, and is told how long at the beginning. */
function keepAlive({ engine }: Server, speed: number): void {
  engine.opts.pingInterval = 5000;
  engine.opts.pingTimeout = 20_000 * speed;
}

async function store({ log }: Runtime, readings: Reading[]): Promise<void> {
  await log.append({
    updates: readings.map(({ channel, point: [ts, value] }) => ({ ch: channel, ts, set: { value } })),
  });
}

function requestHandler(runtime: Runtime, feed: Feed, pages: ReturnType<typeof servePages>) {
  // There only once there is an archive.
  const { history } = runtime.endpoints as { history?: Answer };
  return async (req: IncomingMessage, res: ServerResponse) => {
    const { pathname } = new URL(req.url ?? "/", "http://bench");
    if (pathname === "/bench/page") return json(res, runtime.page(CHANNELS.map(({ name }) => name)));
    if (pathname === "/bench/history") return json(res, feed.history());
    if (pathname === "/api/history" && history) return forward(history, req, res);
    if (!pages(req, res)) res.writeHead(404).end();
  };
}

function json(res: ServerResponse, body: unknown): void {
  res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

async function forward(answer: Answer, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const headers = Object.entries(req.headers).map(([name, value]) => [name, String(value)]);
  const response = await answer(
    new Request(`http://${HOST}${req.url}`, { headers: headers as [string, string][] }),
  );
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(Buffer.from(await response.arrayBuffer()));
}
