import { afterEach, describe, expect, it, vi } from "vitest";
import { sources } from "@/lib/channels/sources";
import { defineSource } from "@/lib/server/sources/define-source";
import type { AnySource } from "@/lib/server/sources/run-sources";
import type { Stream } from "@/lib/server/sources/stream";
import { type Channel, defineChannel, type Row } from "@/lib/shared/define-channel";
import type { RecordState, TableState } from "@/lib/shared/state";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { type RedisServer, startRedis } from "../support/redis-server";
import { message } from "../support/scripted-stream";
import { someReport } from "../support/some-report";

const PATIENCE = { timeout: 20_000, interval: 10 };

const record = (name: string, cadence = 100) =>
  defineChannel({
    kind: "record",
    name,
    title: `The ${name}`,
    cadence,
    maxAge: 5 * cadence,
    filledBy: "source",
    metrics: { n: { title: "N", unit: "count" } },
  });
const [good, bad, hangs, sends, lacking] = [
  record("good"),
  // It backs off at once to half a minute.
  record("bad", 60_000),
  record("hangs"),
  record("sends"),
  record("lacking"),
];
const channels: Channel[] = [good, bad, hangs, sends, lacking, sources];

let servers: LiveServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function start(from: AnySource[], options: LiveServerOptions = {}): Promise<LiveServer> {
  const server = await startLiveServer({ channels, sources: from, ...options });
  servers.push(server);
  return server;
}

/** What the channel says of a source. */
function rowOf(server: LiveServer, channel: string): Row | undefined {
  return (server.runtime.hub.state("sources") as TableState).rows[channel];
}

async function test(server: LiveServer, channel: string) {
  const response = await server.get(`/api/ops/sources/${channel}/test`, { method: "POST" });
  return { status: response.status, body: await response.json() };
}

const shows = (server: LiveServer, channel: string, row: object) =>
  vi.waitFor(() => expect(rowOf(server, channel)).toMatchObject(row), PATIENCE);

describe("the channel about the sources", () => {
  it("[S2][S3] tells of one that fails, one that hangs and one that is off, while the others go on", async () => {
    let n = 0;
    const server = await start([
      defineSource({ channel: good, read: async () => ({ n: ++n }) }),
      defineSource({
        ...{ channel: bad, cadence: 100, kind: "PostgreSQL", target: "the shop" },
        read: async () => {
          throw new Error("connect refused by postgres://me:secret@db/shop");
        },
      }),
      defineSource({ channel: hangs, timeout: 300, read: () => new Promise<never>(() => {}) }),
      { channel: lacking, kind: "Kafka", target: "", off: "KAFKA_URL is not set" },
    ]);
    await shows(server, "bad", {
      ...{ channel: "bad", title: "The bad", kind: "PostgreSQL", target: "the shop", state: "Fails" },
      reason: "connect refused by postgres://…@db/shop",
      lastSuccess: null,
    });
    await shows(server, "hangs", { state: "Fails", reason: "No answer within 0.3 s" });
    await shows(server, "lacking", { state: "Off", reason: "KAFKA_URL is not set", lastTry: null });
    await shows(server, "sources", { state: "Works", kind: "Nowboard" });
    await vi.waitFor(() => {
      const { failures, lastTry, nextTry } = rowOf(server, "bad")!;
      expect(Number(failures)).toBeGreaterThan(2);
      // Not while it is being tried.
      expect(Number(nextTry)).toBeGreaterThan(Number(lastTry));
    }, PATIENCE);

    const before = n;
    await vi.waitFor(() => expect(n).toBeGreaterThan(before + 10), PATIENCE);
    const works = rowOf(server, "good")!;
    expect(works).toMatchObject({ state: "Works", failures: 0, reason: null, nextTry: null });
    const state = server.runtime.hub.state("good") as RecordState;
    expect([state.down, state.values.n! > 0]).toEqual([undefined, true]);
    expect((server.runtime.hub.state("bad") as RecordState).down).toMatch(/^connect refused/);
    expect(JSON.stringify(server.runtime.hub.state("sources"))).not.toContain("secret");
  });

  it("[S3] a source that was asked for news is read at once, though its pause is half a minute", async () => {
    let works = false;
    let reads = 0;
    const server = await start([
      defineSource({
        channel: bad,
        timeout: 500,
        read: async () => {
          reads += 1;
          if (!works) throw new Error("refused");
          return { n: 7 };
        },
      }),
    ]);
    // Its first turn is up to a minute away.
    expect((await test(server, "bad")).status).toBe(202);
    await shows(server, "bad", { state: "Fails", failures: 1, reason: "refused" });
    const { nextTry } = rowOf(server, "bad")!;
    expect(Number(nextTry) - Date.now()).toBeGreaterThan(5000);
    expect(await test(server, "bad")).toEqual({ status: 202, body: { status: "accepted" } });
    await shows(server, "bad", { state: "Fails", failures: 2 });
    works = true;
    const asked = Date.now();
    await test(server, "bad");
    await shows(server, "bad", { state: "Works", failures: 0, reason: null, readings: 1 });
    expect(Number(rowOf(server, "bad")!.lastSuccess)).toBeGreaterThanOrEqual(asked);
    expect(server.runtime.hub.state("bad")).toMatchObject({ values: { n: 7 }, down: undefined });
    expect(reads).toBe(3);
  });

  it("[S3] a stream fails, works again when it is asked, and says how far it lags", async () => {
    let works = false;
    const stream: Stream = {
      ...{ channel: sends, kind: "Kafka", target: "orders at broker" },
      async run({ ready, take, behind, signal }) {
        if (!works) throw new Error("no broker");
        ready();
        behind(42);
        await take([message({ n: 5 }, { at: Date.now() - 1500 }), message({ n: "five" })]);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    };
    const server = await start([stream]);
    await vi.waitFor(() => expect(Number(rowOf(server, "sends")?.failures)).toBeGreaterThan(2), PATIENCE);
    expect(server.runtime.hub.state("sends")).toMatchObject({ down: "no broker" });
    works = true;
    await test(server, "sends");
    await shows(server, "sends", {
      ...{ state: "Works", failures: 0, reason: null, nextTry: null },
      ...{ readings: 1, rejected: 1, waiting: 42 },
    });
    const { lag, rejection } = rowOf(server, "sends")!;
    expect(Number(lag)).toBeGreaterThanOrEqual(1500);
    expect(rejection).toMatch(/^n: /);
    expect(server.runtime.hub.state("sends")).toMatchObject({ values: { n: 5 }, down: undefined });
  });

  it("[S3] to ask a source that there is not, or one that is off, is refused with a code", async () => {
    const off = { channel: lacking, kind: "Kafka", target: "", off: "KAFKA_URL is not set" };
    const server = await start([off]);
    expect(await test(server, "nonsense")).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(await test(server, "lacking")).toMatchObject({
      status: 409,
      body: { code: "source_off", detail: "The source is off: KAFKA_URL is not set." },
    });
    // Not for other sites, nor under another name.
    const asked = (headers: Record<string, string>) =>
      server.get("/api/ops/sources/lacking/test", { method: "POST", headers });
    const foreign = await asked({ Origin: "https://evil.example" });
    expect([foreign.status, (await foreign.json()).code]).toEqual([403, "forbidden_origin"]);
  });
});

describe("the sources of two nodes", () => {
  let redis: RedisServer;
  afterEach(() => redis.close());

  it("[S3][K1] are asked for news from either node, wherever they run, also after they moved", async () => {
    redis = await startRedis();
    const reads: string[] = [];
    const from = (node: string) => [
      defineSource({
        channel: bad,
        read: async () => {
          reads.push(node);
          throw new Error(`refused on ${node}`);
        },
      }),
    ];
    const first = await start(from("first"), { redisUrl: redis.url });
    await vi.waitUntil(() => rowOf(first, "bad"), PATIENCE);
    const second = await start(from("second"), { redisUrl: redis.url });
    // Messages are heard from when both have subscribed to them.
    await vi.waitUntil(async () => {
      const heard = (await redis.command("PUBSUB", "NUMSUB", "{nowboard}:control-request#/#")) as unknown[];
      return heard[1] === 2;
    }, PATIENCE);
    const runsAt = async (server: LiveServer) => {
      const reports = await second.runtime.cluster.reports();
      return reports.some(
        ({ node, sources }) => node === server.runtime.cluster.node && sources.includes("bad"),
      );
    };
    await vi.waitUntil(() => runsAt(first), PATIENCE);
    for (const asked of [second, first]) {
      const { length } = reads;
      expect(await test(asked, "bad")).toEqual({ status: 202, body: { status: "accepted" } });
      await vi.waitUntil(() => reads.length > length, PATIENCE);
      // It may have had its turn just now.
      await shows(asked, "bad", { reason: "refused on first", state: "Fails" });
    }
    expect(new Set(reads)).toEqual(new Set(["first"]));

    servers = [second];
    await first.close();
    await vi.waitUntil(() => runsAt(second), PATIENCE);
    expect((await test(second, "bad")).status).toBe(202);
    await shows(second, "bad", { reason: "refused on second" });

    // A node that says that it runs them and does not answer, and then nobody who does.
    await redis.command("SET", "{nowboard}:lease:sources", "of another node", "PX", "600000");
    await vi.waitUntil(async () => !(await runsAt(second)), PATIENCE);
    expect(await test(second, "bad")).toMatchObject({ status: 503, body: { code: "cluster_unavailable" } });
    const report = JSON.stringify(someReport({ node: "zzzzzzzz", sources: ["bad"] }));
    await redis.command("SET", "{nowboard}:node:zzzzzzzz", report, "PX", "60000");
    await redis.command("ZADD", "{nowboard}:nodes", String(Date.now()), "zzzzzzzz");
    await vi.waitUntil(async () => (await second.runtime.cluster.reports()).length === 2, PATIENCE);
    expect(await test(second, "bad")).toMatchObject({ status: 504, body: { code: "node_silent" } });
  });
});
