import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { defineChannel } from "@/lib/shared/define-channel";
import { type DeclaredSource, declareSource } from "@/lib/shared/sources/declare-source";
import { env, type Policy } from "@/lib/shared/sources/options";
import { type RedisServer, startRedis } from "../support/redis-server";
import { eventually, SourceRuntime } from "../support/source-runtime";

const common = { cadence: 200, maxAge: 2000, filledBy: "source" } as const;
const cache = defineChannel({
  ...common,
  kind: "record",
  name: "cache",
  title: "Cache",
  metrics: {
    clients: { title: "Clients", unit: "count" },
    keys: { title: "Keys", unit: "count" },
    other: { title: "Keys of another database", unit: "count" },
  },
});
const sales = defineChannel({
  ...common,
  kind: "feed",
  name: "sales",
  title: "Sales",
  keep: 5000,
  fields: { item: { title: "Item", type: "text" }, amount: { title: "Amount", type: "number" } },
});
const stock = defineChannel({
  ...common,
  kind: "table",
  name: "stock",
  title: "Stock",
  key: "item",
  columns: { item: { title: "Item", type: "text" }, left: { title: "Left", type: "number" } },
});
const url = env("SHOP_REDIS_URL");

let server: RedisServer;
let client: ReturnType<typeof createClient>;
let running: SourceRuntime | undefined;
beforeAll(async () => {
  server = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
  client = createClient({ url: server.url });
  client.on("error", () => {});
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await server.close();
});
beforeEach(() => client.flushAll());
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function run(...declared: DeclaredSource[]): Promise<SourceRuntime> {
  running = await new SourceRuntime(declared, { SHOP_REDIS_URL: server.url }).start();
  return running;
}
const works = (channel: string) => eventually(() => running!.health(channel).state === "Works");
const amounts = () => running!.items("sales").map(({ amount }) => amount);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("INFO", () => {
  it("[S2][S3] gives its figures, and again after Redis was away", async () => {
    await client.mSet({ a: "1", b: "2" });
    const source = await run(
      declareSource(cache, {
        kind: "redis-info",
        url,
        values: { clients: "connected_clients", keys: "db0.keys", other: "db7.keys" },
      }),
    );
    await eventually(() => source.values("cache").keys === 2);
    expect(source.values("cache")).toEqual({ clients: expect.any(Number), keys: 2, other: 0 });
    await server.kill9();
    await eventually(() => /^127\.0\.0\.1:\d+ refuses connections$/.test(source.down("cache") ?? ""));
    await source.othersGoOn();
    await server.start();
    await eventually(() => source.down("cache") === undefined);
  });

  it("[S2] leaves no connection behind, however long Redis did not answer", async () => {
    const own = await startRedis();
    try {
      const values = { clients: "connected_clients" };
      own.stall();
      const declared = declareSource(cache, { kind: "redis-info", url, values, timeout: 300 });
      running = await new SourceRuntime([declared], { SHOP_REDIS_URL: own.url }).start();
      // Reads that were cut while they connected.
      await eventually(() => Number(running!.health("cache").failures) >= 3);
      own.resume();
      await eventually(() => running!.down("cache") === undefined);
      const connections = async () =>
        Number(/connected_clients:(\d+)/.exec(String(await own.command("INFO")))![1]);
      // One is the test's own.
      await eventually(async () => (await connections()) === 2);
      await running.close();
      running = undefined;
      await eventually(async () => (await connections()) === 1);
    } finally {
      own.resume();
      await own.close();
    }
  });

  it("[S3] says which figure there is none of", async () => {
    await run(declareSource(cache, { kind: "redis-info", url, values: { keys: "no_such_thing" } }));
    await eventually(() => running!.down("cache") === "keys: INFO has no no_such_thing");
  });
});

describe("a stream", () => {
  const declared = declareSource(sales, { kind: "redis-stream", url, stream: "sales", from: "earliest" });
  const sell = async (from: number, to: number) => {
    for (let n = from; n <= to; n++) await client.xAdd("sales", "*", { item: `00${n}`, amount: String(n) });
  };

  it("[S1] is read once and in order, over restarts of both", async () => {
    await sell(1, 700);
    await run(declared);
    await eventually(() => amounts().length === 700);
    // Numbers are numbers, and what only looks like one is not.
    expect(running!.items("sales")[6]).toEqual({ item: "007", amount: 7 });
    await running!.stop();
    await sell(701, 760);
    await running!.start();
    await eventually(() => amounts().length >= 760);
    await server.kill9();
    await eventually(() => running!.down("sales"));
    await running!.othersGoOn();
    await server.start();
    await eventually(() => client.isReady);
    await sell(761, 800);
    await eventually(() => amounts().length >= 800);
    expect(amounts()).toEqual(upTo(800));
  });

  it("[S1] begins with what is new where nothing else is said, and is read from there after a restart", async () => {
    await sell(1, 5);
    await run(declareSource(sales, { kind: "redis-stream", url, stream: "sales" }));
    await works("sales");
    await running!.stop();
    await sell(6, 8);
    await running!.start();
    await eventually(() => amounts().length === 3);
    expect(amounts()).toEqual([6, 7, 8]);
  });

  it("[S1] that was deleted and made anew is read from its beginning", async () => {
    await client.xAdd("sales", "9000000000000-0", { item: "a", amount: "1" });
    await run(declared);
    await eventually(() => amounts().length === 1);
    await client.del("sales");
    await client.xAdd("sales", "5-1", { item: "b", amount: "2" });
    await client.xAdd("sales", "5-2", { item: "c", amount: "3" });
    await eventually(() => amounts().length === 3);
    await running!.stop();
    await running!.start();
    await client.xAdd("sales", "6-0", { item: "d", amount: "4" });
    await eventually(() => amounts().length >= 4);
    expect(amounts()).toEqual([1, 2, 3, 4]);
  });

  it("[S3] tells when entries were removed before they were read, and of garbage, and goes on", async () => {
    await sell(1, 2);
    await run(declared);
    await eventually(() => amounts().length === 2);
    await running!.stop();
    await sell(3, 6);
    await client.xTrim("sales", "MAXLEN", 1);
    await running!.start();
    await eventually(() => amounts().length === 3);
    expect(amounts()).toEqual([1, 2, 6]);
    await eventually(() =>
      /may have been removed before they were read/.test(String(running!.health("sales").rejection)),
    );
    await client.xAdd("sales", "*", { item: "x", amount: "much" });
    await client.xAdd("sales", "*", { colour: "red" });
    await sell(7, 7);
    await eventually(() => amounts().length === 4);
    await eventually(() => /colour/.test(String(running!.health("sales").rejection)));
  });

  it("[S1] is read by one node at a time, and by the next one from there", async () => {
    const log = await startRedis();
    const nodes = await Promise.all(
      [1, 2].map(() => new SourceRuntime([declared], { SHOP_REDIS_URL: server.url }, log.url).start()),
    );
    try {
      await sell(1, 50);
      const seen = (node: SourceRuntime) => node.items("sales").map(({ amount }) => amount);
      await eventually(() => nodes.every((node) => seen(node).length === 50));
      const holder = await vi.waitUntil(
        async () =>
          (await nodes[0]!.runtime.cluster.reports()).find(({ sources }) => sources.includes("sales"))?.node,
        { timeout: 15_000, interval: 200 },
      );
      const first = nodes.find(({ runtime }) => runtime.cluster.node === holder)!;
      const second = nodes.find((node) => node !== first)!;
      await first.close();
      await sell(51, 80);
      await eventually(() => seen(second).length >= 80);
      expect(seen(second)).toEqual(upTo(80));
    } finally {
      await Promise.allSettled(nodes.map((node) => node.close()));
      await log.close();
    }
  });

  it("can hold its messages as JSON in a field", async () => {
    await client.xAdd("sales", "*", { json: JSON.stringify({ item: "tea", amount: 1.5 }), more: "x" });
    await run(
      declareSource(sales, { kind: "redis-stream", url, stream: "sales", field: "json", from: "earliest" }),
    );
    await eventually(() => amounts().length === 1);
    expect(running!.items("sales")).toEqual([{ item: "tea", amount: 1.5 }]);
  });
});

describe("what is published", () => {
  const onStock = (policy: Policy) =>
    declareSource(stock, {
      kind: "redis-pubsub",
      url,
      channels: ["stock.*", "more"],
      policy,
      map: ({ topic, value }) => ({ item: topic, left: value }),
    });

  it("[S2] comes by channel and pattern, and again after Redis was away", async () => {
    await run(onStock("every"));
    await works("stock");
    await client.publish("stock.tea", "3");
    await client.publish("more", "4");
    await client.publish("elsewhere", "5");
    await eventually(() => Object.keys(running!.rows("stock")).length === 2);
    expect(running!.rows("stock")).toEqual({
      "stock.tea": { item: "stock.tea", left: 3 },
      more: { item: "more", left: 4 },
    });
    await server.kill9();
    await eventually(() => running!.down("stock"));
    await server.start();
    await works("stock");
    await eventually(() => running!.down("stock") === undefined);
    await eventually(() => client.isReady);
    await client.publish("more", "9");
    await eventually(() => running!.rows("stock").more?.left === 9);
  });

  it.each(["every", { latest: 200 }, { sample: 50 }] as Policy[])(
    "[S2] in a flood is stored as the policy %j says, within bounds, and others go on",
    async (policy) => {
      await run(onStock(policy));
      await works("stock");
      const messages = 20_000;
      for (let sent = 0; sent < messages; sent += 1000) {
        const batch = Array.from({ length: 1000 }, (_, i) =>
          client.publish(`stock.${i % 100}`, String(sent + i)),
        );
        await Promise.all(batch);
      }
      await running!.othersGoOn();
      const told = () => {
        const { readings, dropped } = running!.health("stock") as { readings: number; dropped: number };
        return { readings, dropped };
      };
      if (policy === "every") {
        await eventually(() => told().readings + told().dropped === messages, 60_000);
        expect(running!.rows("stock")["stock.99"]?.left).toBe(messages - 1);
      } else if ("latest" in policy) {
        // Of each row the newest, however many there were.
        await eventually(() =>
          upTo(100).every((n) => running!.rows("stock")[`stock.${n - 1}`]?.left === messages - 101 + n),
        );
        expect(told().readings).toBeLessThan(messages / 10);
      } else {
        await eventually(() => told().readings + told().dropped === messages);
        expect(told().readings).toBeLessThan(messages / 10);
      }
    },
    90_000,
  );
});

it("[S2][S3] no kind waits for a Redis that hangs, and all work again", async () => {
  const hung = await startRedis();
  try {
    running = await new SourceRuntime(
      [
        declareSource(cache, { kind: "redis-info", url, values: { keys: "db0.keys" } }),
        declareSource(sales, { kind: "redis-stream", url, stream: "sales" }),
        declareSource(stock, { kind: "redis-pubsub", url, channels: ["stock"] }),
      ],
      { SHOP_REDIS_URL: hung.url },
    ).start();
    const names = ["cache", "sales", "stock"];
    const all = (state: string) =>
      eventually(() => names.every((name) => running!.health(name).state === state), 45_000);
    await all("Works");
    hung.stall();
    await all("Fails");
    for (const name of ["sales", "stock"]) expect(running.health(name).reason).toBe("Redis: does not answer");
    expect(running.health("cache").reason).toMatch(/^(No answer within 2 s|Redis: does not answer)$/);
    await running.othersGoOn();
    hung.resume();
    await all("Works");
    await eventually(() => names.every((name) => running!.down(name) === undefined));
  } finally {
    hung.resume();
    await hung.close();
  }
}, 120_000);
