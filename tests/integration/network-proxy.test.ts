import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type NetworkProxy, startNetworkProxy } from "@/tests/support/network-proxy";
import { eventually } from "../support/live-wait";

/** A small server with the addresses that the proxy tells apart. */
function startTarget() {
  const streams = new Set<ServerResponse>();
  const polls = new Set<ServerResponse>();
  const server = createServer(async (req, res) => {
    const url = new URL(req.url!, "http://target.invalid");
    if (url.pathname === "/api/live/events") {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.write("data: hello\n\n");
      streams.add(res);
      res.once("close", () => streams.delete(res));
    } else if (Number(url.searchParams.get("wait")) > 0) {
      polls.add(res);
    } else {
      const body = await text(req);
      const { host, origin } = req.headers;
      res.end(JSON.stringify({ path: url.pathname, host, origin, length: body.length }));
    }
  });
  const sockets = new WebSocketServer({ server, path: "/socket.io" });
  sockets.on("connection", (socket, req) => {
    socket.send(JSON.stringify({ host: req.headers.host, origin: req.headers.origin }));
    socket.on("message", (message) => socket.send(message.toString()));
  });
  return { server, streams, polls, sockets };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}

let target: ReturnType<typeof startTarget>;
let proxy: NetworkProxy;
const opened: WebSocket[] = [];

beforeEach(async () => {
  target = startTarget();
  target.server.listen(0, "127.0.0.1");
  await once(target.server, "listening");
  proxy = await startNetworkProxy((target.server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
  await proxy.close();
  target.server.closeAllConnections();
  target.server.close();
});

/** A socket whose messages so far are in `got`. */
async function openSocket() {
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/socket.io`, { origin: proxy.url });
  opened.push(socket);
  const got: string[] = [];
  socket.on("message", (message) => got.push(message.toString()));
  socket.on("error", () => {});
  await Promise.race([once(socket, "open"), once(socket, "close")]);
  return { socket, got };
}

/** What has been read from an event stream so far, and whether it was cut. */
async function openStream() {
  const response = await fetch(`${proxy.url}/api/live/events`);
  const stream = { status: response.status, text: "", isCut: false };
  const read = async () => {
    for await (const chunk of response.body!) stream.text += Buffer.from(chunk).toString();
  };
  read().catch(() => {
    stream.isCut = true;
  });
  return stream;
}

const get = (path: string, ms = 3_000) => fetch(proxy.url + path, { signal: AbortSignal.timeout(ms) });

it("passes requests on unchanged, one after the other on one connection", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = async (length: number) => {
    const headers = { origin: "http://elsewhere.invalid", "content-length": length };
    const req = request(`${proxy.url}/echo`, { method: "POST", agent, headers });
    req.end("x".repeat(length));
    const [res] = (await once(req, "response")) as [IncomingMessage];
    return JSON.parse(await text(res));
  };
  for (const length of [300_000, 0, 5])
    expect(await post(length)).toEqual({
      path: "/echo",
      host: `127.0.0.1:${proxy.port}`,
      origin: "http://elsewhere.invalid",
      length,
    });
  expect(proxy.counts).toMatchObject({ connections: 1, requests: 3 });
  agent.destroy();
});

it("passes sockets on, and refuses them when told to: the open ones and the new", async () => {
  const { socket, got } = await openSocket();
  socket.send("one");
  await eventually(() => expect(got).toHaveLength(2));
  expect(JSON.parse(got[0]!)).toEqual({ host: `127.0.0.1:${proxy.port}`, origin: proxy.url });
  expect(got[1]).toBe("one");
  expect(proxy.open("websocket")).toBe(1);

  const closed = once(socket, "close");
  proxy.set({ websocket: "refuse" });
  await closed;
  const refused = new WebSocket(`ws://127.0.0.1:${proxy.port}/socket.io`);
  const [error] = await once(refused, "error");
  expect(String(error)).toContain("403");
  expect(proxy.counts).toMatchObject({ connectionsCut: 1, upgradesSeen: 2, upgradesRefused: 1 });
  await eventually(() => expect(proxy.open("websocket")).toBe(0));

  proxy.clear();
  expect((await openSocket()).socket.readyState).toBe(WebSocket.OPEN);
});

it("accepts an upgrade and then stays mute", async () => {
  proxy.set({ websocket: "mute" });
  const { socket, got } = await openSocket();
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.send("anyone?");
  // A whole round trip beside it passes in the meantime.
  await get("/beside");
  expect(got).toEqual([]);
  expect(target.sockets.clients.size).toBe(0);
  expect(proxy.counts.upgradesMuted).toBe(1);
  expect(proxy.open("websocket")).toBe(0);
});

it("refuses event streams, cutting the open one", async () => {
  const stream = await openStream();
  await eventually(() => expect(stream.text).toContain("hello"));
  expect(proxy.open("sse")).toBe(1);
  proxy.set({ sse: "refuse" });
  await eventually(() => expect(stream.isCut).toBe(true));
  expect((await openStream()).status).toBe(502);
  expect(proxy.counts).toMatchObject({ sseSeen: 2, sseRefused: 1, connectionsCut: 1 });
});

it("never answers an event stream that it holds", async () => {
  proxy.set({ sse: "hold" });
  await expect(get("/api/live/events", 200)).rejects.toThrow(/timeout/i);
  expect(proxy.counts.sseHeld).toBe(1);
  expect(target.streams.size).toBe(0);
});

it("keeps the bytes of an event stream that it buffers until it ends", async () => {
  proxy.set({ sse: "buffer" });
  const answered = get("/api/live/events");
  await eventually(() => expect(proxy.held).toBeGreaterThan(0));
  const first = await Promise.race([answered, get("/beside").then(() => "beside")]);
  expect(first).toBe("beside");
  target.server.closeIdleConnections();
  for (const stream of target.streams) stream.socket!.end("6\r\ndata: \r\n");
  expect((await answered).status).toBe(200);
  expect(proxy.counts.sseBuffered).toBe(1);
});

it("cuts held requests after a while, and no others", async () => {
  const stream = await openStream();
  const asked = Date.now();
  proxy.set({ cutHeldAfter: 150 });
  await eventually(() => expect(stream.isCut).toBe(true));
  expect(Date.now() - asked).toBeGreaterThanOrEqual(140);
  await expect(get("/api/live/poll?wait=25")).rejects.toThrow("fetch failed");
  expect(proxy.counts).toMatchObject({ heldCut: 2, heldPollsSeen: 1, pollsSeen: 0 });

  expect((await get("/api/live/poll?wait=0")).status).toBe(200);
  const poll = get("/api/live/poll?wait=25");
  await eventually(() => expect(target.polls.size).toBe(2));
  for (const held of target.polls) held.end("news");
  expect(await (await poll).text()).toBe("news");
  // Its time passes, but it is held no longer.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(proxy.counts).toMatchObject({ heldCut: 2, pollsSeen: 1, connectionsCut: 2 });
});

it("lets a held request that it cuts at once never reach the server", async () => {
  proxy.set({ cutHeldAfter: 0 });
  await expect(get("/api/live/poll?wait=25")).rejects.toThrow("fetch failed");
  expect((await get("/api/live/poll?wait=0")).status).toBe(200);
  expect(proxy.counts.heldCut).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(target.polls.size).toBe(0);
});

it("holds scripts until they may pass, and lets the rest through", async () => {
  proxy.set({ scripts: "hold" });
  let arrived = 0;
  const scripts = ["a", "b"].map(async (name) => {
    await get(`/_next/static/chunks/${name}.js?dpl=1`);
    arrived++;
  });
  await eventually(() => expect(proxy.counts.scriptsHeld).toBe(2));
  expect((await get("/_next/static/chunks/style.css")).status).toBe(200);
  expect((await get("/page.js")).status).toBe(200);
  expect(arrived).toBe(0);
  proxy.set({ scripts: "pass" });
  await Promise.all(scripts);
  expect(proxy.counts).toMatchObject({ scriptsHeld: 2, requests: 4 });
});

it("forgets a script that it holds for a browser that goes just when scripts may pass", async () => {
  proxy.set({ scripts: "hold" });
  const gone = request({ port: proxy.port, path: "/_next/static/chunks/a.js" });
  gone.on("error", () => {});
  gone.end();
  await eventually(() => expect(proxy.counts.scriptsHeld).toBe(1));
  const { destroy } = Socket.prototype;
  // A socket says that it is closed some time after it has been destroyed.
  const spy = vi.spyOn(Socket.prototype, "destroy").mockImplementation(function (this: Socket, error) {
    destroy.call(this, error);
    if (this !== gone.socket) proxy.set({ scripts: "pass" });
    return this;
  });
  gone.socket!.resetAndDestroy();
  await eventually(() => expect(proxy.faults.scripts).toBe("pass"));
  spy.mockRestore();
  expect((await get("/_next/static/chunks/b.js")).status).toBe(200);
});

it("cuts everything and refuses what is new", async () => {
  const { socket } = await openSocket();
  const closed = once(socket, "close");
  proxy.set({ network: "cut" });
  await closed;
  await expect(get("/")).rejects.toThrow("fetch failed");
  expect(proxy.counts).toMatchObject({ connectionsCut: 1, connectionsRefused: 1 });
  proxy.clear();
  expect((await get("/")).status).toBe(200);
});

it("stalls both ways without closing, and goes on where it stopped", async () => {
  const { socket, got } = await openSocket();
  await eventually(() => expect(got).toHaveLength(1));
  proxy.set({ network: "stall" });
  socket.send("from the browser");
  for (const client of target.sockets.clients) client.send("from the server");
  const late = get("/late");
  await eventually(() => expect(proxy.held).toBeGreaterThan(60));
  expect(got).toHaveLength(1);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  proxy.clear();
  await eventually(() => expect(got.slice(1)).toEqual(["from the server", "from the browser"]));
  expect((await late).status).toBe(200);
  expect(proxy.held).toBe(0);
});

it("resets everything when a stall turns into a cut", async () => {
  const { socket } = await openSocket();
  proxy.set({ network: "stall" });
  const closed = once(socket, "close");
  proxy.set({ network: "cut" });
  await closed;
  expect(proxy.counts.connectionsCut).toBe(1);
});

it("hides the server's end from the browser while it stalls", async () => {
  const { socket } = await openSocket();
  proxy.set({ network: "stall" });
  const ended = Promise.all([...target.sockets.clients].map((client) => once(client, "close")));
  for (const client of target.sockets.clients) client.terminate();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(socket.readyState).toBe(WebSocket.OPEN);
  const closed = once(socket, "close");
  proxy.clear();
  await closed;
});

it("silences the open connections for good, and lets new ones through", async () => {
  const { socket, got } = await openSocket();
  await eventually(() => expect(got).toHaveLength(1));
  proxy.silenceOpen();
  socket.send("lost");
  const other = await openSocket();
  other.socket.send("heard");
  await eventually(() => expect(other.got).toHaveLength(2));
  expect(got).toHaveLength(1);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(proxy.counts.connectionsSilenced).toBeGreaterThanOrEqual(1);
  expect(proxy.open("websocket")).toBe(1);
});

it("answers everything like a captive portal", async () => {
  const { socket } = await openSocket();
  const closed = once(socket, "close");
  proxy.set({ network: "portal" });
  await closed;
  const response = await get("/api/live/snapshot?channels=a");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html");
  expect(proxy.counts.portalAnswers).toBe(1);
});

it("delays each way without changing the order", async () => {
  const { socket, got } = await openSocket();
  await eventually(() => expect(got).toHaveLength(1));
  proxy.set({ delay: 100 });
  const sent = Date.now();
  for (const message of ["1", "2", "3"]) socket.send(message);
  await eventually(() => expect(got.slice(1)).toEqual(["1", "2", "3"]));
  expect(Date.now() - sent).toBeGreaterThanOrEqual(195);
  expect(proxy.counts.piecesDelayed).toBeGreaterThanOrEqual(2);
});

it("resets the browser's connection when the server is gone", async () => {
  const { socket } = await openSocket();
  const closed = once(socket, "close");
  for (const client of target.sockets.clients) client.terminate();
  target.server.close();
  target.server.closeAllConnections();
  await closed;
  await expect(get("/")).rejects.toThrow("fetch failed");
});
