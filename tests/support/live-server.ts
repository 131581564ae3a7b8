import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { answerDirectly } from "@/lib/server/http/direct";
import { createHttpServer } from "@/lib/server/http/server";
import { ACCESS_CHANNEL } from "@/lib/server/hub/access";
import type { NewUpdate } from "@/lib/server/log/log";
import { createRedisLog } from "@/lib/server/log/redis-log";
import { createSqliteLog } from "@/lib/server/log/sqlite-log";
import { createLogger, type Logger } from "@/lib/server/logger";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import type { AnySource } from "@/lib/server/sources/run-sources";
import { createSocketServer } from "@/lib/server/transports/socket";
import type { Cursor } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import { testChannels } from "./live-channels";
import { FaultyLog } from "./live-log";

/** Well within what the log may be unconfirmed for. */
const STEP_MS = 6000;

export interface LiveServerOptions {
  channels?: readonly Channel[];
  ingestKey?: string;
  /** Settings beside the data folder, as the environment gives them. */
  env?: Record<string, string>;
  /** How long a WebSocket may take to say what it is for, ms. */
  connectMs?: number;
  /** Where the server writes its log; it is silent by default. */
  logger?: Logger;
  /** Sources that the server reads; none by default. */
  sources?: readonly AnySource[];
  /** A folder of the caller's; by default the server has its own and removes it. */
  folder?: string;
  /** Where the log is in Redis: servers with the same one are nodes of one deployment. By default it is in SQLite. */
  redisUrl?: string;
  /** Whether it keeps a history; by default it does not. */
  archives?: boolean;
  /** How far its clock is ahead from the start, ms. */
  ahead?: number;
  /** Called when it is asked to drain. */
  onDrain?: () => void;
}

export interface LiveServer {
  url: string;
  port: number;
  folder: string;
  runtime: Runtime;
  /** The real log, with faults on demand. */
  log: FaultyLog;
  /** Added to the server's clock, ms. */
  clock: { ahead: number };
  /** The server's ends of the connections that are open. */
  connections: Set<Socket>;
  /** Appends as a producer does; the cursor of the last one. */
  append(...updates: NewUpdate[]): Promise<Cursor>;
  /** Takes channels away from all viewers (there is only the anonymous one), or gives them back. */
  deny(...channels: string[]): Promise<Cursor>;
  /**
   * Moves the server's clock on while the log stays within reach: in steps, as it would otherwise be out of
   * reach for all of that time.
   */
  pass(ms: number): Promise<void>;
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/**
 * The product without Next: the real runtime, hub, log, HTTP door and Socket.IO on a free port, with test
 * channels and by default without sources. What Next does between Node and the route handlers is done here.
 */
export async function startLiveServer(options: LiveServerOptions = {}): Promise<LiveServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "nowboard-live-")));
  const clock = { ahead: options.ahead ?? 0 };
  const now = () => Date.now() + clock.ahead;
  const { redisUrl, onDrain } = options;
  const log = new FaultyLog(
    redisUrl === undefined
      ? createSqliteLog({ folder, now })
      : createRedisLog({ url: redisUrl, warn: () => {} }),
  );
  const runtime = await startRuntime({
    settings: {
      ...readSettings({ NOWBOARD_DATA: folder, ...options.env }),
      ingestKey: options.ingestKey,
      redisUrl,
    },
    logger: options.logger ?? createLogger("silent"),
    channels: options.channels ?? testChannels,
    sources: options.sources ?? [],
    log,
    archives: options.archives ?? false,
    onDrain,
    now,
  });
  const io = createSocketServer(options.connectMs);
  runtime.serveSocket(io);
  const server = createHttpServer({
    handle: (req, res) => answerDirectly(runtime.direct, req, res) || answer(runtime, req, res),
    ...runtime.door,
    engine: io.engine,
    dev: false,
  });
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    // A connection whose offer of another protocol is ignored begins a second time.
    if (connections.has(socket)) return;
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    folder,
    runtime,
    log,
    clock,
    connections,
    append: async (...updates) => (await log.append({ updates })).cursor,
    deny: async (...channels) => {
      const rows = { anonymous: { denied: channels.join(",") } };
      return (await log.append({ updates: [{ ch: ACCESS_CHANNEL, rows }] })).cursor;
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.ahead += Math.min(left, STEP_MS);
        const { confirmed } = log;
        await vi.waitUntil(() => log.confirmed > confirmed, { timeout: 5000, interval: 5 });
      }
    },
    get: (path, init) => fetch(url + path, init),
    async close() {
      await io.close();
      for (const socket of connections) socket.destroy();
      server.close();
      await runtime.close();
      if (options.folder === undefined) await rm(folder, { recursive: true });
    },
  };
}

function route({ endpoints }: Runtime, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, what, id] =
    /^\/api\/ops\/(connections|nodes|sources)\/([^/]+)\/(disconnect|drain|test)$/.exec(pathname) ?? [];
  if (what === "sources" && request.method === "POST") return endpoints.testSource(request, id!);
  if (id !== undefined && request.method === "POST")
    return what === "nodes" ? endpoints.drain(request, id) : endpoints.disconnect(request, id);
  if (pathname === "/api/annotations")
    return request.method === "POST" ? endpoints.annotate(request) : endpoints.annotations(request);
  const [, annotation] = /^\/api\/annotations\/([^/]+)$/.exec(pathname) ?? [];
  if (annotation !== undefined && request.method === "DELETE")
    return endpoints.removeAnnotation(request, annotation);
  if (request.method === "GET") {
    if (pathname === "/api/live/events") return endpoints.events(request);
    if (pathname === "/api/live/poll") return endpoints.poll(request);
    if (pathname === "/api/live/snapshot") return endpoints.snapshot(request);
    if (pathname === "/api/history") return endpoints.history(request);
    if (pathname === "/api/openapi.json") return endpoints.openApi(request);
    if (pathname === "/metrics") return endpoints.metrics(request);
    if (pathname === "/readyz") return endpoints.ready(request);
  }
  return Promise.resolve(new Response("a page"));
}

/** Node's request as a web `Request`, and a `Response` as Node's, with back-pressure both ways. */
async function answer(runtime: Runtime, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const gone = new AbortController();
  res.on("close", () => gone.abort());
  const hasBody = req.method !== "GET" && req.method !== "HEAD";
  const request = new Request(new URL(req.url!, `http://${req.headers.host}`), {
    method: req.method,
    headers: Object.entries(req.headers).map(([name, value]) => [name, String(value)] as [string, string]),
    signal: gone.signal,
    // As Next does it: Node's request is an async iterable, read no faster than it is asked for.
    ...(hasBody && { body: req, duplex: "half" }),
  } as unknown as RequestInit);
  const response = await route(runtime, request);
  res.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  gone.signal.addEventListener("abort", () => void reader?.cancel().catch(() => {}));
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done || gone.signal.aborted) break;
      if (!res.write(value)) await once(res, "drain", { signal: gone.signal });
    }
    res.end();
  } catch {
    res.destroy();
  }
}
