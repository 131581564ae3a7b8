import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createGate } from "@/lib/server/http/gate";
import { createHttpServer } from "@/lib/server/http/server";
import { readSettings } from "@/lib/server/settings";
import { HELD, rawRequest } from "../support/live-request";
import { eventually } from "../support/live-wait";

const CURSOR = "abcdefgh.1700000000000-0";

/** The product's door, which sheds, with something behind it that says that it was let in. */
async function startDoor() {
  const state = { isShedding: true, opened: 0 };
  const upgraded: string[] = [];
  const server = createHttpServer({
    handle: (_req, res) => res.end("let in"),
    gate: createGate({ limits: readSettings({}).limits, isShedding: () => state.isShedding }),
    answered: () => {},
    opened() {
      state.opened += 1;
    },
    engine: {
      handleUpgrade(req, socket) {
        upgraded.push(req.url!);
        socket.destroy();
      },
    },
    dev: false,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { state, server, port, upgraded };
}

describe("a server that sheds", () => {
  let door: Awaited<ReturnType<typeof startDoor>>;
  afterEach(() => {
    door.server.closeAllConnections();
    door.server.close();
  });

  it.each([
    ["/", "GET"],
    ["/database?_rsc=1", "GET"],
    ["/api/live/events?channels=a", "GET"],
    [`/api/live/events?channels=a&cursor=${CURSOR}`, "GET"],
    ["/api/live/poll?channels=a", "GET"],
    ["/api/live/poll?channels=a&wait=9", "GET"],
    ["/api/live/snapshot?channels=a", "GET"],
    ["/api/channels", "GET"],
    ["/api/ingest/gauges", "POST"],
  ])("[H4] refuses %s with 503 and a time, and takes it again afterwards", async (path, method) => {
    door = await startDoor();
    const url = `http://127.0.0.1:${door.port}${path}`;
    const refused = await fetch(url, { method });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ code: "overloaded" });
    door.state.isShedding = false;
    expect(await (await fetch(url, { method })).text()).toBe("let in");
  });

  it("[H4][T6] tells somebody who opens a page in words, and asks again by itself", async () => {
    door = await startDoor();
    const url = `http://127.0.0.1:${door.port}`;
    const accept = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    const refused = await fetch(`${url}/business`, { headers: accept });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(refused.headers.get("content-security-policy")).toContain("default-src 'none'");
    const seconds = refused.headers.get("retry-after");
    const html = await refused.text();
    expect(html).toContain(`<meta http-equiv="refresh" content="${seconds}">`);
    expect(html).toContain("<h1>Too much work is waiting</h1>");
    expect(html).toContain(refused.headers.get("x-request-id"));
    const read = await fetch(`${url}/api/live/snapshot?channels=a`, { headers: accept });
    expect(read.headers.get("content-type")).toBe("application/problem+json");
  });

  it("[H4] does not ask again for a page that stays refused", async () => {
    door = await startDoor();
    const headers = { Accept: "text/html", Origin: "http://other.example" };
    const request = rawRequest(door.port, "/business", { headers });
    await eventually(() => expect(request.answer()).toContain("</html>"));
    expect(request.status()).toBe(403);
    expect(request.answer()).toContain("<h1>Requests from other sites are not served</h1>");
    expect(request.answer()).not.toContain("refresh");
  });

  it("[H4] is told once that requests can come, so that its own beginning is no load", async () => {
    door = await startDoor();
    expect(door.state.opened).toBe(1);
  });

  it.each([
    "/healthz",
    "/readyz",
    "/metrics",
    "/_next/static/chunks/main.js",
    `/api/live/poll?channels=a&cursor=${CURSOR}`,
    `/api/live/poll?channels=a&cursor=${CURSOR}&wait=9`,
  ])("[H4] goes on to serve %s", async (path) => {
    door = await startDoor();
    expect(await (await fetch(`http://127.0.0.1:${door.port}${path}`)).text()).toBe("let in");
  });

  it("[H4] answers an upgrade with 503 and a time, and ends its connection", async () => {
    door = await startDoor();
    const request = rawRequest(door.port, HELD.socket);
    await eventually(() => expect(request.socket.closed).toBe(true));
    expect(request.status()).toBe(503);
    expect(Number(request.header("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(request.json()).toMatchObject({ code: "overloaded" });
    expect(door.upgraded).toEqual([]);
    door.state.isShedding = false;
    rawRequest(door.port, HELD.socket);
    await eventually(() => expect(door.upgraded).toHaveLength(1));
  });

  it("[H4] tells those whom it refuses different times, so that they do not come back together", async () => {
    door = await startDoor();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => fetch(`http://127.0.0.1:${door.port}/`)),
    );
    expect(new Set(answers.map(({ headers }) => headers.get("retry-after"))).size).toBeGreaterThan(2);
  });
});
