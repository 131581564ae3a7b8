import { once } from "node:events";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { defineSource } from "@/lib/server/sources/define-source";
import type { TableState } from "@/lib/shared/state";
import { gauges, stock } from "../support/live-channels";
import { someUpdate } from "../support/live-flow";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { type RedisServer, startRedis } from "../support/redis-server";
import { someReport } from "../support/some-report";

const PATIENCE = { timeout: 15_000, interval: 5 };

let redis: RedisServer;
let servers: LiveServer[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(() => redis.command("FLUSHALL"));
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function join(options: LiveServerOptions = {}): Promise<LiveServer> {
  const server = await startLiveServer({ redisUrl: redis.url, ...options });
  servers.push(server);
  return server;
}

/** The connections that a node hears of, by id. */
async function connectionsAt(server: LiveServer) {
  return (await server.runtime.cluster.reports()).flatMap(({ connections }) => connections);
}

async function post(server: LiveServer, path: string) {
  const response = await server.get(`/api/ops/${path}`, { method: "POST" });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

describe("what one node asks of another", () => {
  let here: LiveServer;
  let there: LiveServer;
  let drained: number;
  let socket: Socket;

  beforeEach(async () => {
    drained = 0;
    here = await join();
    there = await join({ onDrain: () => void drained++ });
    socket = io(there.url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      auth: { subscribe: { channels: ["gauges"], page: "/on/there" } },
    });
    await once(socket as never, "frame");
    // Messages are heard from when both have subscribed to them.
    await vi.waitUntil(async () => {
      const heard = (await redis.command("PUBSUB", "NUMSUB", "{nowboard}:control-request#/#")) as unknown[];
      return heard[1] === 2;
    }, PATIENCE);
  });
  afterEach(() => void socket.disconnect());

  it("[K1] ends a WebSocket there, and its client is asked to come back", async () => {
    const gone = once(socket as never, "disconnect");
    const [shown] = await vi.waitUntil(async () => {
      const found = await connectionsAt(here);
      return found.length > 0 && found;
    }, PATIENCE);
    expect(shown).toMatchObject({
      transport: "socket",
      page: "/on/there",
      address: "127.0.0.1",
      lagMs: 0,
      bufferedBytes: 0,
    });
    expect(await post(here, `connections/${shown!.id}/disconnect`)).toMatchObject({ status: 202 });
    expect((await gone)[0]).toBe("io server disconnect");
    expect(await post(here, `connections/${shown!.id}/disconnect`)).toMatchObject({
      status: 404,
      type: "application/problem+json",
      body: { code: "not_found" },
    });
  });

  it("[K1] ends an event stream and a held request there", async () => {
    const cursor = await here.append(someUpdate("gauges"));
    const stream = await there.get("/api/live/events?channels=gauges&page=/stream");
    const text = stream.text();
    const held = there.get(`/api/live/poll?channels=gauges&page=/held&wait=50&cursor=${cursor}`);
    const found = await vi.waitUntil(async () => {
      const all = await connectionsAt(here);
      const byPage = (page: string) => all.find((connection) => connection.page === page)?.id;
      return byPage("/stream") && byPage("/held") && [byPage("/stream"), byPage("/held")];
    }, PATIENCE);
    for (const id of found)
      expect(await post(here, `connections/${id}/disconnect`)).toMatchObject({ status: 202 });
    expect(await text).toMatch(/event: moved\ndata: \{\}\n\n$/);
    expect((await held).status).toBe(304);
    expect(there.runtime.hub.viewers().sse).toBe(0);
    await vi.waitUntil(
      async () => (await connectionsAt(there)).every(({ page }) => page !== "/stream"),
      PATIENCE,
    );
  });

  it("[K1] drains a node, but not the last one, nor one that there is not", async () => {
    const { node } = there.runtime.cluster;
    await vi.waitUntil(async () => (await here.runtime.cluster.reports()).length === 2, PATIENCE);
    expect(await post(here, `nodes/${node}/drain`)).toMatchObject({ status: 202 });
    expect(drained).toBe(1);
    // No report says so yet, and both must not count on each other.
    expect(await post(there, `nodes/${here.runtime.cluster.node}/drain`)).toMatchObject({
      status: 409,
      body: { code: "drain_under_way" },
    });
    expect(await post(here, "nodes/xxxxxxxx/drain")).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
    there.runtime.beginStop();
    await vi.waitFor(
      async () =>
        expect(await post(here, `nodes/${here.runtime.cluster.node}/drain`)).toMatchObject({
          status: 409,
          body: { code: "last_node" },
        }),
      PATIENCE,
    );
  });

  it("[K1] is answered in two seconds, also for a node that does not", async () => {
    const report = JSON.stringify(someReport({ node: "zzzzzzzz" }));
    await redis.command("SET", "{nowboard}:node:zzzzzzzz", report, "PX", "60000");
    await redis.command("ZADD", "{nowboard}:nodes", String(Date.now()), "zzzzzzzz");
    await vi.waitUntil(async () => (await here.runtime.cluster.reports()).length === 3, PATIENCE);
    expect(await post(here, "connections/zzzzzzzz-1/disconnect")).toMatchObject({
      status: 504,
      body: { code: "node_silent" },
    });
    for (const id of ["nonsense", "yyyyyyyy-1"])
      expect(await post(here, `connections/${id}/disconnect`)).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
  });

  it("[K1] does not end a process, nor keep it from ending, when Redis is away", async () => {
    await redis.kill9();
    try {
      // Sent, as Redis was there a moment ago, or not: nobody hears it.
      there.runtime.cluster.disconnect(`${here.runtime.cluster.node}-1`).catch(() => {});
      await there.close();
      servers = servers.filter((server) => server !== there);
    } finally {
      await redis.start();
    }
    await vi.waitUntil(async () => (await here.get("/readyz")).ok, PATIENCE);
  });

  it("[K1] leaves what the nodes deliver to the log: messages that are lost lose no update", async () => {
    const frame = new Promise<{ updates: unknown[] }>((resolve) => {
      socket.on("frame", (next) => next.updates?.length > 0 && resolve(next));
    });
    await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    await here.append(someUpdate("gauges"));
    expect((await frame).updates).toHaveLength(1);
  });
});

it("[T1][T3] a page's path is at most 200 characters long", async () => {
  const server = await startLiveServer();
  servers.push(server);
  const ask = async (page: string) => server.get(`/api/live/poll?channels=gauges&page=${page}`);
  expect((await ask(`/${"x".repeat(199)}`)).status).toBe(200);
  const refused = await ask(`/${"x".repeat(200)}`);
  expect([refused.status, await refused.json()]).toMatchObject([400, { code: "bad_request", field: "page" }]);
});

it("[K1] shows clients' addresses, of all transports, as trusted proxies give them", async () => {
  const server = await startLiveServer({ env: { NOWBOARD_TRUSTED_PROXIES: "127.0.0.1" } });
  servers.push(server);
  const headers = (last: number) => ({ "X-Forwarded-For": `203.0.113.${last}` });
  const cursor = await server.append(someUpdate("gauges"));
  const gone = new AbortController();
  const ask = (path: string, last: number) =>
    server.get(`/api/live/${path}channels=gauges&cursor=${cursor}`, {
      headers: headers(last),
      signal: gone.signal,
    });
  const stream = await ask("events?", 1);
  const held = ask("poll?wait=50&", 2);
  const socket = io(server.url, { transports: ["websocket"], forceNew: true, extraHeaders: headers(3) });
  try {
    await vi.waitFor(async () => {
      const all = await connectionsAt(server);
      expect(Object.fromEntries(all.map(({ transport, address }) => [transport, address]))).toEqual({
        sse: "203.0.113.1",
        "long-poll": "203.0.113.2",
        socket: "203.0.113.3",
      });
    }, PATIENCE);
  } finally {
    socket.disconnect();
    gone.abort();
    // An answer that nobody reads any more is collected, and its connection with it.
    await Promise.allSettled([stream.text(), held]);
  }
});

describe("the pull sources of two nodes", () => {
  /** Gives the name of the node that read it. */
  const sourcesOf = (name: string, reads: string[]) => [
    defineSource({
      channel: stock,
      cadence: 100,
      read: async () => {
        reads.push(name);
        return [{ sku: name, left: reads.length, sold: null, note: null }];
      },
    }),
    defineSource({ channel: gauges, cadence: 100, read: async () => ({ a: 1, b: 2, c: null }) }),
  ];

  it("[K3] run on one of them, and go on whole on the other when it ends", async () => {
    const reads: string[] = [];
    const first = await join({ sources: sourcesOf("first", reads) });
    const rows = (server: LiveServer) =>
      Object.keys((server.runtime.hub.state("stock") as TableState).rows).join();
    await vi.waitUntil(() => rows(first) === "first", PATIENCE);
    const second = await join({ sources: sourcesOf("second", reads) });
    await vi.waitUntil(() => rows(second) === "first", PATIENCE);
    const { length } = reads;
    await vi.waitUntil(() => reads.length > length + 10, PATIENCE);
    expect(new Set(reads)).toEqual(new Set(["first"]));
    const at = async () => {
      const reports = await second.runtime.cluster.reports();
      return reports.filter(({ sources }) => sources.includes("stock")).map(({ node }) => node);
    };
    await vi.waitUntil(async () => (await at()).join() === first.runtime.cluster.node, PATIENCE);

    servers = servers.filter((server) => server !== first);
    await first.close();
    const closed = reads.length;
    await vi.waitUntil(() => rows(second) === "second", PATIENCE);
    expect(new Set(reads.slice(closed))).toEqual(new Set(["second"]));
    expect(second.runtime.hub.state("gauges")).toMatchObject({ values: { a: 1, b: 2, c: null } });
    await vi.waitUntil(async () => (await at()).join() === second.runtime.cluster.node, PATIENCE);
  });

  it("[K3] publish nothing on a node that lost its lease", async () => {
    const reads: string[] = [];
    const node = await join({ sources: sourcesOf("node", reads) });
    const sources = async () => (await node.runtime.cluster.reports())[0]!.sources;
    await vi.waitUntil(async () => reads.length > 0 && (await sources()).length > 0, PATIENCE);
    await redis.command("SET", "{nowboard}:lease:sources", "of another node", "PX", "600000");
    await vi.waitUntil(async () => (await sources()).length === 0, PATIENCE);
    const { cursor } = node.runtime.hub;
    const mark = await node.append(someUpdate("meters"));
    await vi.waitUntil(() => node.runtime.hub.cursor === mark, PATIENCE);
    const { length } = reads;
    expect(cursor).not.toBe(mark);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([node.runtime.hub.cursor, reads.length]).toEqual([mark, length]);
  });
});
