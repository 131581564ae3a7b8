import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contentOf, idOf } from "../support/live-log";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

/** Sends text as it is, and gives what comes back until the connection ends, or until `enough`. */
async function speak(text: string, enough = /$^/): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
    if (enough.test(answer)) socket.destroy();
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return answer;
}

type Kind = keyof typeof REQUESTS;
const WEBSOCKET =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const BODY = '{"a":666}';
/** One request for each way in: its line, what goes with it, and how its success begins. */
const REQUESTS = {
  page: { line: "GET / HTTP/1.1", rest: "\r\n", status: 200 },
  snapshot: { line: "GET /api/live/snapshot?channels=gauges HTTP/1.1", rest: "\r\n", status: 200 },
  poll: { line: "GET /api/live/poll?channels=gauges HTTP/1.1", rest: "\r\n", status: 200 },
  events: { line: "GET /api/live/events?channels=gauges HTTP/1.1", rest: "\r\n", status: 200 },
  ingest: {
    line: "POST /api/ingest/gauges HTTP/1.1",
    rest: `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    status: 202,
  },
  socket: {
    line: "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    rest: `${WEBSOCKET}\r\n`,
    status: 101,
  },
} as const;
const KINDS = Object.keys(REQUESTS) as Kind[];

function ask(kind: Kind, headers: Record<string, string | undefined>): Promise<string> {
  const { line, rest } = REQUESTS[kind];
  const lines = Object.entries({ Host: `127.0.0.1:${server.port}`, ...headers })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return speak(`${line}\r\n${lines.join("")}${rest}`, /\r\n\r\n/);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe.each(KINDS)("a request to the server (%s)", (kind) => {
  let before: string;
  beforeEach(async () => {
    before = await server.append({ ch: "machine", set: { load: 1 } });
  });

  it("is served to this server's own name and page, and to programs", async () => {
    const { status } = REQUESTS[kind];
    const host = `localhost:${server.port}`;
    expect(statusOf(await ask(kind, {}))).toBe(status);
    expect(statusOf(await ask(kind, { Host: host, Origin: `http://${host}` }))).toBe(status);
    expect(statusOf(await ask(kind, { Host: host, "Sec-Fetch-Site": "same-origin" }))).toBe(status);
  });

  it.each<[string, Record<string, string>]>([
    ["another host, as after DNS rebinding", { Host: "evil.example" }],
    ["another host with this port", { Host: "localhost.evil.example:3000" }],
    ["another origin", { Origin: "http://evil.example" }],
    ["an opaque origin", { Origin: "null" }],
    ["an origin that only begins like this one", { Origin: "http://127.0.0.1.evil.example" }],
    ["another port of this host", { Origin: "http://127.0.0.1:1" }],
    ["rebinding with its own origin", { Host: "evil.example", Origin: "http://evil.example" }],
  ])("[T6] is refused to %s", async (_, headers) => {
    const answer = await ask(kind, headers);
    expect(statusOf(answer)).toBe(403);
    if (kind !== "socket") expect(answer).toContain("application/problem+json");
    expect(await contentOf(server.log, idOf(before))).toEqual([]);
    expect(server.runtime.hub.viewers()).toEqual({ socket: 0, sse: 0, waiting: 0 });
  });

  it("is refused when a browser sends it for another site without saying which, unless a page is opened", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const status = statusOf(await ask(kind, { "Sec-Fetch-Site": site }));
      expect(status).toBe(kind === "page" ? 200 : 403);
    }
    expect(await contentOf(server.log, idOf(before))).toEqual([]);
  });

  it("is refused without a host", async () => {
    const answer = await ask(kind, { Host: undefined });
    expect([400, 403]).toContain(statusOf(answer));
  });

  it("is refused when its target is of absolute form", async () => {
    const { line, rest } = REQUESTS[kind];
    const [method, path] = line.split(" ");
    for (const host of ["evil.example", `127.0.0.1:${server.port}`]) {
      const absolute = `${method} http://${host}${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${rest}`;
      expect(statusOf(await speak(absolute, /\r\n\r\n/))).toBe(403);
    }
    expect(await contentOf(server.log, idOf(before))).toEqual([]);
  });
});

describe("an upgrade", () => {
  const upgrade = (path: string) =>
    speak(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${WEBSOCKET}\r\n`);

  it.each([
    "/",
    "/socket.io",
    "/socket.iox/?EIO=4",
    "/_next/webpack-hmr",
    "/api/live/events",
    "//socket.io/",
    "/%73ocket.io/",
  ])("of %s is answered with 404, and its connection ends", async (path) => {
    expect(statusOf(await upgrade(path))).toBe(404);
  });

  it("with an absolute target reaches no other host", async () => {
    const reached: Socket[] = [];
    const other = createServer((socket) => void reached.push(socket));
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    for (const scheme of ["http", "ws"]) {
      const answer = await upgrade(`${scheme}://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
      expect(statusOf(answer)).toBe(403);
    }
    expect(reached).toEqual([]);
    other.close();
  });

  it("that breaks off harms nobody", async () => {
    for (const path of ["/", "/socket.io/?EIO=4&transport=websocket"]) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${WEBSOCKET}\r\n`);
      socket.resetAndDestroy();
    }
    await eventually(() => expect(server.connections.size).toBe(0));
    expect((await server.get("/readyz")).status).toBe(200);
  });

  it("[T5] to another protocol is passed over: the request is served as it is", async () => {
    const offer =
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";
    const post = (body: string, headers = "") =>
      `POST /api/ingest/gauges HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${headers}` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const before = server.runtime.hub.cursor;
    // The connection goes on: more requests on it are served, too, and the offer may be made again.
    const socket = connect(server.port, "127.0.0.1");
    for (const request of [post('{"a":1}', offer), post('{"a":2}'), post('{"a":3}', offer)]) {
      socket.write(request);
      expect(statusOf(String(await once(socket, "data")))).toBe(202);
    }
    expect((await contentOf(server.log, idOf(before))).map(({ set }) => set!.a)).toEqual([1, 2, 3]);
    // Nothing is left behind on the connection by each of them.
    const end = [...server.connections].find(({ remotePort }) => remotePort === socket.localPort)!;
    const listeners = () => end.eventNames().reduce((sum, name) => sum + end.listenerCount(name), 0);
    const count = listeners();
    for (let i = 0; i < 5; i++) {
      socket.write(post('{"a":4}', offer));
      await once(socket, "data");
    }
    expect(listeners()).toBe(count);
    socket.destroy();
    // What is refused without the offer is refused with it.
    expect(statusOf(await speak(post('{"a":4}', `${offer}Origin: http://evil.example\r\n`)))).toBe(403);
  });
});

describe("nonsense", () => {
  it.each([
    "GET\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "\u0016\u0003\u0001\u0002",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ])("is not served, and the server lives on: %j", async (text) => {
    const reader = TRANSPORTS.socket!(server, { channels: ["gauges"] });
    await reader.next();
    expect(await speak(text)).not.toMatch(/ 20\d /);
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    expect((await reader.next()).to).toBe(cursor);
    reader.close();
  });
});
