/** The faults of the test's own network that touch the bytes themselves, or when and from where they come. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type NetworkProxy, startNetworkProxy } from "@/tests/support/network-proxy";
import { eventually } from "../support/live-wait";

function startTarget() {
  const streams = new Set<ServerResponse>();
  const server = createServer((req, res) => {
    if (req.url!.startsWith("/api/live/events")) {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.write(": hello\n\n");
      streams.add(res);
    } else if (req.url === "/big") res.end(Buffer.alloc(100_000, "x"));
    else res.end(req.socket.remoteAddress);
  });
  const sockets = new WebSocketServer({ server });
  return { server, streams, sockets };
}

let target: ReturnType<typeof startTarget>;
let proxy: NetworkProxy;

beforeEach(async () => {
  target = startTarget();
  target.server.listen(0, "127.0.0.1");
  await once(target.server, "listening");
  proxy = await startNetworkProxy((target.server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  target.server.closeAllConnections();
  target.server.close();
});

const get = async (path: string) =>
  (await fetch(proxy.url + path, { headers: { connection: "close" } })).text();

/** What a stream's reader has, decompressed where the answer says that it is compressed. */
async function openStream() {
  const response = await fetch(`${proxy.url}/api/live/events`);
  const stream = { encoding: response.headers.get("content-encoding"), text: "" };
  const read = async () => {
    for await (const chunk of response.body!) stream.text += Buffer.from(chunk).toString();
  };
  read().catch(() => {});
  await eventually(() => expect(target.streams.size).toBe(1));
  const [server] = target.streams;
  return { stream, server: server! };
}

async function openSocket() {
  const got: string[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/socket.io`);
  socket.on("message", (message) => got.push(message.toString()));
  socket.on("error", () => {});
  await once(socket, "open");
  const [server] = target.sockets.clients;
  return { socket, server: server!, got };
}

const frame = (n: number) => `42["frame",{"updates":[{"n":${n}}]}]`;
const event = (n: number) => `event: frame\ndata: {"updates":[{"n":${n}}]}\n\n`;

it("loses one frame of a socket, and the next ones arrive", async () => {
  const { server, got } = await openSocket();
  server.send("2");
  server.send(frame(1));
  await eventually(() => expect(got).toHaveLength(2));
  proxy.tamper("drop");
  server.send(frame(2));
  await eventually(() => expect(proxy.counts.framesTampered).toBe(1));
  server.send(frame(3));
  await eventually(() => expect(got).toEqual(["2", frame(1), frame(3)]));
});

it("brings one frame twice", async () => {
  const { server, got } = await openSocket();
  proxy.tamper("repeat");
  // Larger than 125 bytes: its length has a form of its own.
  const long = `42["frame",{"updates":[{"text":"${"x".repeat(300)}"}]}]`;
  server.send(long);
  await eventually(() => expect(got).toEqual([long, long]));
  server.send(frame(2));
  await eventually(() => expect(got).toEqual([long, long, frame(2)]));
});

it("does the same to event streams", async () => {
  const { stream, server } = await openStream();
  proxy.tamper("drop");
  server.write(event(1));
  await eventually(() => expect(proxy.counts.framesTampered).toBe(1));
  proxy.tamper("repeat");
  server.write(event(2));
  await eventually(() => expect(stream.text).toBe(`: hello\n\n${event(2)}${event(2)}`));
});

it("compresses event streams: what a browser reads is the same, but late", async () => {
  proxy.set({ sse: "gzip" });
  const { stream, server } = await openStream();
  for (let n = 0; n < 10; n++) server.write(event(n));
  await get("/beside");
  expect(stream.text).toBe("");
  expect(proxy.counts.sseCompressed).toBe(1);
  expect(stream.encoding).toBe("gzip");
  // Hundreds of kilobytes that do not compress well make the compressor give something away.
  for (let n = 0; n < 40_000; n++) server.write(event(n * 2654435761));
  await eventually(() => expect(stream.text.startsWith(`: hello\n\n${event(0)}`)).toBe(true));
});

it("cuts connections that are idle, and no others", async () => {
  proxy.set({ cutIdleAfter: 300 });
  const { socket, server } = await openSocket();
  const beat = setInterval(() => server.send("2"), 50);
  const idle = connect(proxy.port, "127.0.0.1").on("error", () => {});
  // A reset is an error before it is an end.
  await new Promise((resolve) => idle.once("close", resolve));
  expect(proxy.counts.idleCut).toBe(1);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  clearInterval(beat);
  await once(socket, "close");
  expect(proxy.counts.idleCut).toBe(2);
});

it("lets browsers keep what the server does not want kept", async () => {
  target.server.prependListener("request", (_req, res) =>
    res.setHeader("Cache-Control", "private, no-store"),
  );
  proxy.set({ storable: true });
  expect((await fetch(`${proxy.url}/who`)).headers.get("cache-control")).toBe("private, no-cache");
  expect(proxy.counts.madeStorable).toBe(1);
});

it("comes from another address after a change of network", async () => {
  expect(await get("/who")).toContain("127.0.0.1");
  proxy.set({ from: "127.0.0.2" });
  expect(await get("/who")).toContain("127.0.0.2");
  expect(proxy.counts.fromElsewhere).toBe(1);
});

it("throttles each connection", async () => {
  proxy.set({ bytesPerSecond: 200_000 });
  const started = performance.now();
  expect(await get("/big")).toHaveLength(100_000);
  expect(performance.now() - started).toBeGreaterThan(400);
  expect(proxy.counts.piecesThrottled).toBeGreaterThan(20);
});

it("leaves half-open what is held, and resets what is idle, as after a sleep", async () => {
  const { socket, server, got } = await openSocket();
  const idle = connect(proxy.port, "127.0.0.1").on("error", () => {});
  idle.write(`GET /who HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n\r\n`);
  await once(idle, "data");
  proxy.sleep();
  await new Promise((resolve) => idle.once("close", resolve));
  server.send(frame(1));
  expect(await get("/who")).toContain("127.0.0.1");
  expect(got).toEqual([]);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(proxy.counts).toMatchObject({ connectionsSilenced: 1, connectionsCut: 1 });
});

it("resets what is open without refusing what comes", async () => {
  const { socket } = await openSocket();
  const closed = once(socket, "close");
  proxy.cutOpen();
  await closed;
  expect(proxy.counts.connectionsCut).toBe(1);
  expect(await get("/who")).toContain("127.0.0.1");
});
