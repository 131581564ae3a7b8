import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type ClientRequest, get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Cursor } from "@/lib/shared/cursor";
import { startHaproxy } from "../support/haproxy";
import { someUpdate } from "../support/live-flow";
import { contentOf, idOf } from "../support/live-log";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";
import { type ShippedProxy, startNginx } from "../support/nginx";
import { type RedisServer, startRedis } from "../support/redis-server";

/** Longer than the 60 s after which proxies cut what is silent unless they are told otherwise, ms. */
const IDLE_MS = 65_000;
const PROXIES = ["nginx", "haproxy"] as const;
/** All but plain polls, which wait for nothing. */
const HELD = Object.keys(TRANSPORTS).filter((transport) => transport !== "poll");

let redis: RedisServer;
/** Two servers with one log. */
let servers: LiveServer[];
let proxies: Record<(typeof PROXIES)[number], ShippedProxy>;

beforeAll(async () => {
  redis = await startRedis();
  servers = await Promise.all([1, 2].map(() => startLiveServer({ redisUrl: redis.url })));
  const ports = servers.map(({ port }) => port);
  const [nginx, haproxy] = await Promise.all([startNginx(ports), startHaproxy(ports)]);
  proxies = { nginx, haproxy };
});

afterAll(async () => {
  await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  await Promise.all(servers.map((server) => server.close()));
  await redis.close();
});

function append(...updates: Parameters<LiveServer["append"]>): Promise<Cursor> {
  return servers[0]!.append(...updates);
}

/** The servers as they are seen through the proxy. */
function through(proxy: ShippedProxy): LiveServer {
  const { url, port } = proxy;
  return { ...servers[0]!, url, port, get: (path, init) => fetch(url + path, init) };
}

/** Opens a request and resolves with the head of its answer. */
async function open(url: string, headers: Record<string, string>): Promise<[ClientRequest, IncomingMessage]> {
  const req = get(url, { headers, agent: false });
  const [response] = (await once(req, "response")) as [IncomingMessage];
  return [req, response];
}

describe.each(PROXIES)("%s", (name) => {
  it.each(Object.entries(TRANSPORTS))(
    "[T8] brings every update in order and without a gap over %s",
    async (_, openReader) => {
      const cursor = await append(someUpdate("gauges"));
      const viewer = new Viewer(["gauges", "meters"]);
      const reader = openReader(through(proxies[name]), { channels: ["gauges", "meters"] });
      viewer.take(await reader.next());
      let last = cursor;
      for (let i = 0; i < 40; i++) {
        last = await append(someUpdate("gauges"), someUpdate("visits"), someUpdate("meters"));
        await sleep(3);
      }
      // The strict viewer throws where there is a gap, and counts what came.
      const before = viewer.snapshots[0]!.at;
      while (viewer.cursor !== last) viewer.take(await reader.next());
      reader.close();
      const stored = await contentOf(servers[0]!.log, before);
      const mine = stored.filter(({ ch }) => ch === "gauges" || ch === "meters");
      expect(mine.length).toBeGreaterThanOrEqual(78);
      expect(viewer.applied).toEqual(mine);
      expect(viewer.snapshots).toHaveLength(2);
    },
  );

  it("uses both servers, without sticking to one", async () => {
    const readers = Array.from({ length: 4 }, () =>
      TRANSPORTS.socket!(through(proxies[name]), { channels: ["gauges"] }),
    );
    await Promise.all(readers.map((reader) => reader.next()));
    for (const { runtime } of servers) expect(runtime.hub.viewers().socket).toBeGreaterThan(0);
    for (const reader of readers) reader.close();
    await eventually(() => {
      for (const { runtime } of servers) expect(runtime.hub.viewers().socket).toBe(0);
    });
  });

  it("[T2] passes events on one by one and uncompressed, also to who would take gzip", async () => {
    const [req, response] = await open(`${proxies[name].url}/api/live/events?channels=gauges`, {
      "Accept-Encoding": "gzip, br",
    });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toContain("text/event-stream");
    expect(response.headers).not.toHaveProperty("content-encoding");
    let text = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    await eventually(() => expect(text.match(/event: frame/g)).toHaveLength(1));
    for (const n of [2, 3, 4]) {
      const cursor = await append(someUpdate("gauges"));
      await eventually(() => expect(text).toContain(`id: ${cursor}`));
      expect(text.match(/event: frame/g)).toHaveLength(n);
    }
    req.destroy();
  });

  it("leaves foreign pages to the servers, which refuse their sockets, and knows the servers' own", async () => {
    const { port } = proxies[name];
    const statusFor = async (origin: string) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { origin });
      const opened = once(ws, "open").then(() => 101);
      const refused = once(ws, "unexpected-response").then(([, { statusCode }]) => statusCode as number);
      ws.on("error", () => {});
      const status = await Promise.race([opened, refused]);
      ws.terminate();
      return status;
    };
    expect(await statusFor("http://evil.example")).toBe(403);
    expect(await statusFor("null")).toBe(403);
    expect(await statusFor(`http://127.0.0.1:${port + 1}`)).toBe(403);
    expect(await statusFor(`http://127.0.0.1:${port}`)).toBe(101);
  });

  it("lets nobody in by another host's name", async () => {
    const socket = connect(proxies[name].port, "127.0.0.1").on("error", () => {});
    socket.write("GET /api/live/snapshot?channels=gauges HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 403/);
    socket.destroy();
  });

  it("[T5] passes an upload on while it goes on, and keeps nothing of it", async () => {
    const lines = 200;
    const block = `{"a": 1${" ".repeat(4000)}}\n`.repeat(lines);
    const blocks = 20;
    // Whoever is further ahead of the reports is stopped by nginx for good: see deploy/nginx.conf.
    const ahead = name === "nginx" ? 1 : blocks;
    for (const declared of [true, false]) {
      const before = idOf(await append(someUpdate("meters")));
      const length = declared ? { "Content-Length": block.length * (blocks + 1) } : {};
      const req = request(`${proxies[name].url}/api/ingest/gauges`, {
        method: "POST",
        headers: { "Content-Type": "application/x-ndjson", ...length },
        agent: false,
      });
      req.flushHeaders();
      let reported = "";
      req.on("response", (response: IncomingMessage) =>
        response.setEncoding("utf8").on("data", (chunk) => {
          reported += chunk;
        }),
      );
      const sum = () =>
        [...reported.matchAll(/"accepted":(\d+)/g)].reduce((all, [, count]) => all + Number(count), 0);
      for (let i = 0; i < blocks; i++) {
        await eventually(() => expect(sum()).toBeGreaterThanOrEqual(lines * (i - ahead)));
        if (!req.write(block)) await once(req, "drain");
      }
      // Everything that was sent is stored and reported although the upload has not ended.
      await eventually(() => expect(sum()).toBe(lines * blocks));
      expect(filesBelow(proxies[name].folder).filter((file) => /\d{10}$/.test(file))).toEqual([]);
      req.end(block);
      await eventually(() => expect(sum()).toBe(lines * (blocks + 1)));
      expect(await contentOf(servers[0]!.log, before)).toHaveLength(lines * (blocks + 1));
    }
  });
});

it("cuts nothing that is silent for longer than a proxy's usual minute, and loses nothing then", async () => {
  const cursor = await append(someUpdate("gauges"));
  const longest = PROXIES.map((name) =>
    fetch(`${proxies[name].url}/api/live/poll?channels=gauges&cursor=${cursor}&wait=55`),
  );
  const all = PROXIES.flatMap((name) =>
    HELD.map((transport) => {
      const openReader = TRANSPORTS[transport]!;
      const viewer = new Viewer(["gauges"]);
      const reader = openReader(through(proxies[name]), { channels: ["gauges"] });
      return { what: `${transport} through ${name}`, viewer, reader };
    }),
  );
  for (const { viewer, reader } of all) viewer.take(await reader.next());
  const streams = () => servers.map(({ runtime }) => runtime.hub.viewers());
  const count = () => ({
    socket: streams().reduce((sum, { socket }) => sum + socket, 0),
    sse: streams().reduce((sum, { sse }) => sum + sse, 0),
  });
  await eventually(() => expect(count()).toEqual({ socket: 4, sse: 2 }));
  await sleep(IDLE_MS);
  // When it came a while after the append, its cursor is a minute old at the end, and is moved on by an empty frame.
  for (const answer of await Promise.all(longest)) {
    const { updates = [], snapshot } = answer.status === 304 ? {} : await answer.json();
    expect({ updates, snapshot }).toEqual({ updates: [], snapshot: undefined });
  }
  expect(count()).toEqual({ socket: 4, sse: 2 });
  for (const { what, reader } of all) expect(reader.refusal, what).toBeUndefined();
  const last = await append(someUpdate("gauges"));
  for (const { what, viewer, reader } of all) {
    while (viewer.cursor !== last) viewer.take(await reader.next());
    expect(
      viewer.applied.map(({ id }) => id),
      what,
    ).toEqual([idOf(last)]);
    // One that was cut would have begun again.
    expect(viewer.snapshots, what).toHaveLength(1);
    reader.close();
  }
}, 120_000);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
