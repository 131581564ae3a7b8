import { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "@/lib/server/logger";
import { HELD, rawRequest } from "../support/live-request";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

const CANARY = "canary-0123456789-key";
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Line = Record<string, unknown> & { msg: string };

let server: LiveServer;
let text = "";
afterEach(() => server.close());

async function start(env: Record<string, string> = {}, level = "info") {
  text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  server = await startLiveServer({ env, ingestKey: CANARY, logger: createLogger(level, stream) });
}

const lines = (): Line[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** The lines of one request. */
async function linesOf(id: string | null, count = 1): Promise<Line[]> {
  const mine = () => lines().filter(({ requestId }) => requestId === id);
  await eventually(() => expect(mine()).toHaveLength(count));
  return mine();
}

const post = (body: string, headers: Record<string, string> = {}) =>
  server.get("/api/ingest/gauges?secret=1", {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", ...headers },
  });

describe("the log of requests", () => {
  it("has one line for each request that was refused, with its id and without its query", async () => {
    await start();
    const response = await server.get("/api/live/poll?channels=none&token=hush");
    const id = response.headers.get("x-request-id");
    expect(id).toMatch(ID);
    expect(await linesOf(id)).toEqual([
      expect.objectContaining({
        level: 30,
        msg: "a request was refused",
        method: "GET",
        path: "/api/live/poll",
        status: 404,
        code: "unknown_channel",
        address: "127.0.0.1",
        durationMs: expect.any(Number),
      }),
    ]);
    expect(text).not.toContain("hush");
  });

  it("has a line for what the door refuses, upgrades included", async () => {
    await start({ NOWBOARD_MAX_CONNECTIONS: "1" });
    const held = rawRequest(server.port, HELD.events);
    await eventually(() => expect(held.status()).toBe(200));
    const evil = await server.get("/", { headers: { Origin: "http://evil.example" } });
    const [line] = await linesOf(evil.headers.get("x-request-id"));
    expect(line).toMatchObject({ status: 403, code: "forbidden_origin", path: "/" });
    const upgrade = rawRequest(server.port, HELD.socket);
    await eventually(() => expect(upgrade.socket.closed).toBe(true));
    const [refused] = await linesOf(upgrade.header("x-request-id") ?? null);
    expect(refused).toMatchObject({ status: 503, code: "server_full", path: "/socket.io/" });
    held.socket.destroy();
  });

  it("has the fault and the request that met it under one id", async () => {
    await start();
    server.log.failing.append = new Error("the disk is on fire");
    const response = await post('{"a":1}', { Authorization: `Bearer ${CANARY}` });
    expect(response.status).toBe(500);
    const [fault, request] = await linesOf(response.headers.get("x-request-id"), 2);
    expect(fault).toMatchObject({ level: 50, path: "/api/ingest/gauges" });
    expect(JSON.stringify(fault)).toContain("the disk is on fire");
    expect(request).toMatchObject({ level: 50, msg: "a request failed", status: 500, code: "internal" });
  });

  it("has no line for a request that was served, but at level debug", async () => {
    await start();
    await server.get("/api/live/poll?channels=gauges");
    await post('{"a":1}', { Authorization: `Bearer ${CANARY}` });
    const refused = await server.get("/api/live/poll?channels=none");
    await linesOf(refused.headers.get("x-request-id"));
    expect(lines()).toHaveLength(1);
    await server.close();
    await start({}, "debug");
    const served = await server.get("/api/live/poll?channels=gauges");
    const [line] = await linesOf(served.headers.get("x-request-id"));
    expect(line).toMatchObject({ level: 20, status: 200, path: "/api/live/poll" });
  });

  it("takes an id that is sane from a trusted proxy, and from nobody else", async () => {
    await start({ NOWBOARD_TRUSTED_PROXIES: "127.0.0.1" });
    const idFor = async (given: string, from = "127.0.0.1") => {
      const request = rawRequest(server.port, "/healthz", { from, headers: { "X-Request-Id": given } });
      await eventually(() => expect(request.status()).toBe(200));
      request.socket.destroy();
      return request.header("x-request-id");
    };
    expect(await idFor("edge-0123456789abcdef")).toBe("edge-0123456789abcdef");
    for (const bad of ["short", "x".repeat(65), "a b c d e f g h", '","forged":"', "%0a%0d%0a%0d"])
      expect(await idFor(bad)).toMatch(ID);
    expect(await idFor("edge-0123456789abcdef", "127.0.0.2")).toMatch(ID);
  });

  it("names the client behind a trusted proxy", async () => {
    await start({ NOWBOARD_TRUSTED_PROXIES: "127.0.0.1" });
    const response = await server.get("/api/live/poll?channels=none", {
      headers: { "X-Forwarded-For": "203.0.113.1" },
    });
    const [line] = await linesOf(response.headers.get("x-request-id"));
    expect(line).toMatchObject({ address: "203.0.113.1" });
  });

  it("tells no secret, nor do metrics and answers, whatever goes wrong", async () => {
    await start({}, "trace");
    const bearer = { Authorization: `Bearer ${CANARY}` };
    const answers: string[] = [];
    const keep = async (response: Response) => {
      answers.push(JSON.stringify([...response.headers]), await response.text());
    };
    await keep(await post('{"a":1}', bearer));
    await keep(await post('{"a":', bearer));
    await keep(await post('{"nonsense":1}', bearer));
    await keep(await post('{"a":1}', { Authorization: `Basic ${CANARY}` }));
    await keep(await post('{"a":1}', { Authorization: `Bearer ${CANARY}x` }));
    await keep(
      await post('{"a":1}', { ...bearer, Cookie: `session=${CANARY}`, Origin: "http://evil.example" }),
    );
    await keep(await server.get(`/api/live/poll?channels=none&key=${CANARY}`));
    await keep(await server.get(`/api/live/snapshot?channels=gauges&key=${CANARY}`));
    server.log.failing.append = Object.assign(new Error("out of reach"), {
      request: { headers: { authorization: `Bearer ${CANARY}`, cookie: CANARY } },
    });
    await keep(await post('{"a":1}', bearer));
    rawRequest(server.port, HELD.socket, { query: `&key=${CANARY}`, headers: { ...bearer, Origin: "null" } });
    await eventually(() => expect(lines().filter(({ path }) => path === "/socket.io/")).toHaveLength(1));
    await keep(await server.get("/metrics"));
    expect(lines().length).toBeGreaterThan(9);
    expect(text).not.toContain(CANARY);
    expect(answers.join()).not.toContain(CANARY);
  });
});
