import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createGate } from "@/lib/server/http/gate";
import { createHttpServer } from "@/lib/server/http/server";
import { TIME_LIMITS } from "@/lib/server/http/time-limits";
import { readSettings } from "@/lib/server/settings";
import { createSocketServer } from "@/lib/server/transports/socket";
import { eventually } from "../support/live-wait";

/** The product's limits, a hundred times shorter. */
const LIMITS = { headersMs: 600, checkMs: 50, bodyMs: 100, lingerMs: 50 };
/** Longer than any of them, on a busy machine too. */
const LONG_MS = 3000;

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** The product's door, with something else behind it. */
async function serve(
  handle: (req: IncomingMessage, res: ServerResponse) => unknown,
  limits: { limits?: typeof TIME_LIMITS } = { limits: LIMITS },
) {
  server = createHttpServer({
    handle,
    gate: createGate({ limits: readSettings({}).limits, isShedding: () => false }),
    answered: () => {},
    opened: () => {},
    engine: createSocketServer().engine,
    dev: false,
    ...limits,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

/** Sends a beginning and then a piece every few ms; `ended` gives the answer and how long it all took. */
function drip(begin: string, piece = "", everyMs = 10) {
  const start = performance.now();
  const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  socket.write(begin);
  const timer = setInterval(() => piece && socket.writable && socket.write(piece), everyMs);
  const ended = new Promise<{ answer: string; ms: number }>((resolve) => {
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ answer, ms: performance.now() - start });
    });
  });
  return { socket, ended, answer: () => answer };
}

/** The connection ends although the client would go on, within what is long for these limits. */
async function expectEnd({ socket, ended }: ReturnType<typeof drip>): Promise<string> {
  const timer = setTimeout(() => socket.destroy(), LONG_MS);
  const { answer, ms } = await ended;
  clearTimeout(timer);
  expect(ms).toBeLessThan(LONG_MS - 100);
  return answer;
}

const post = (path: string, more = "") =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n${more}\r\n`;

describe("a connection does not last for good", () => {
  it.each([
    ["a page", "/"],
    ["a route that only answers GET", "/api/live/poll"],
    ["ingest, where it is refused", "/api/ingest/none"],
  ])("[H4] with a body that trickles in after the answer of %s", async (_, path) => {
    await serve((_req, res) => res.end("answered"));
    expect(await expectEnd(drip(post(path), "x"))).toContain("answered");
    expect(await expectEnd(drip(post(path)))).toContain("answered");
  });

  it("[H4] with a body that trickles in while its request is held or streamed", async () => {
    for (const method of ["GET", "POST"]) {
      await serve((_req, res) => res.write("first"));
      const held = drip(post("/api/live/events").replace("POST", method), "x");
      expect(await expectEnd(held)).toContain("first");
      server.close();
    }
    await serve(() => {});
    await expectEnd(drip(post("/api/live/poll"), "x"));
  });

  it("[H4] with a chunked body, or one of a reader that gave up", async () => {
    await serve(async (req, res) => {
      for await (const _ of req) break;
      res.end("answered");
    });
    const chunked = post("/api/ingest/none").replace(/Content-Length: \d+/, "Transfer-Encoding: chunked");
    expect(await expectEnd(drip(chunked, "1\r\nx\r\n"))).toContain("answered");
    expect(await expectEnd(drip(post("/api/ingest/none"), "x"))).toContain("answered");
  });

  it("[H4] with an expectation that is not known, or an offer of another protocol", async () => {
    await serve((_req, res) => res.end("answered"));
    await expectEnd(drip(post("/", "Expect: wonders\r\n"), "x"));
    await expectEnd(drip(post("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), "x"));
    const evil = post("/").replace("localhost", "evil.example");
    expect(await expectEnd(drip(evil, "x"))).toContain("forbidden_host");
  });

  it("[H4] with headers that trickle in, or with none", async () => {
    await serve((_req, res) => res.end("answered"));
    const slow = await expectEnd(drip("GET / HTTP/1.1\r\nHost: localhost\r\n", "X-A: b\r\n"));
    expect(slow).toMatch(/^HTTP\/1.1 408 /);
    await expectEnd(drip(""));
    // The second request of a connection, too.
    const second = drip("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually(() => expect(second.answer()).toContain("answered"));
    second.socket.write("GET / HTTP/1.1\r\n");
    expect(await expectEnd(second)).toContain("408");
  });
});

describe("a request in time", () => {
  it("[T5] is an upload, however long it takes, as its route limits its pauses", async () => {
    await serve(async (req, res) => {
      res.write("begun ");
      let bytes = 0;
      for await (const chunk of req) bytes += chunk.length;
      res.end(`read ${bytes}`);
    });
    const head = post("/api/ingest/gauges?a=b").replace("100000", "100");
    const upload = drip(head, "x", 20);
    await eventually(() => expect(upload.answer()).toContain("read 100"));
    upload.socket.destroy();
    expect(server.requestTimeout).toBe(0);
  });

  it("[T5] keeps its connection, whose next request is served", async () => {
    await serve(async (req, res) => {
      for await (const _ of req);
      res.end("answered");
    });
    const client = drip(post("/").replace("100000", "3"));
    client.socket.write("abc");
    await eventually(() => expect(client.answer()).toContain("answered"));
    await new Promise((resolve) => setTimeout(resolve, LIMITS.bodyMs + 2 * LIMITS.lingerMs));
    client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually(() => expect(client.answer().split("answered")).toHaveLength(3));
    client.socket.destroy();
  });

  it("[T5] may take what the product allows", async () => {
    await serve((_req, res) => res.end(), {});
    expect(TIME_LIMITS).toEqual({ headersMs: 60_000, checkMs: 5000, bodyMs: 10_000, lingerMs: 5000 });
    expect(server.requestTimeout).toBe(0);
    expect(server.headersTimeout).toBe(60_000);
  });
});
