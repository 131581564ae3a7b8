import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Cluster, NodeHooks } from "@/lib/server/cluster/cluster";
import { createRedisCluster } from "@/lib/server/cluster/redis-cluster";
import { type RedisServer, startRedis } from "../support/redis-server";
import { someReport } from "../support/some-report";

/** A lease lasts five seconds, and Redis is asked twice a second. */
const PATIENCE = { timeout: 15_000, interval: 5 };
const LEASE = "{nowboard}:lease:sources";

let redis: RedisServer;
let nodes: Cluster[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(() => redis.command("FLUSHALL"));
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  nodes = [];
});

function join(node?: string): Cluster {
  const cluster = createRedisCluster({ url: redis.url, node });
  nodes.push(cluster);
  return cluster;
}

function hooksOf(node: string, change: Partial<NodeHooks> = {}): NodeHooks {
  return {
    report: () => someReport({ node }),
    disconnect: () => false,
    drain() {},
    testSource: () => false,
    ...change,
  };
}

/** A node that wants the lease, and what it was told. */
function candidate() {
  const cluster = join();
  const told: string[] = [];
  const lease = cluster.holdLease("sources", {
    onGained: () => void told.push("gained"),
    onLost: () => void told.push("lost"),
  });
  return { cluster, lease, told };
}

/** Waits as usual, and looks all the while that no two have the lease. */
async function until(candidates: { lease: { isHeld: boolean } }[], condition: () => boolean) {
  await vi.waitUntil(() => {
    expect(candidates.filter(({ lease }) => lease.isHeld).length).toBeLessThanOrEqual(1);
    return condition();
  }, PATIENCE);
}

describe("a lease in Redis", () => {
  it("[K3] is held by exactly one, and moves as soon as it is given up", async () => {
    const all = [candidate(), candidate(), candidate()];
    await until(all, () => all.some(({ lease }) => lease.isHeld));
    const first = all.find(({ lease }) => lease.isHeld)!;
    const others = all.filter((one) => one !== first);
    const token = await redis.command("GET", LEASE);
    await first.cluster.close();
    expect(await redis.command("GET", LEASE)).not.toBe(token);
    await until(others, () => others.some(({ lease }) => lease.isHeld));
    expect(first.lease.isHeld).toBe(false);
    expect(all.filter(({ told }) => told.join() === "gained")).toHaveLength(2);
  });

  it("[K3] moves within seconds from a node that is no more, and not before its time is over", async () => {
    await redis.command("SET", LEASE, "of a node that was killed", "PX", "5000");
    const heir = candidate();
    let wasGone = false;
    await vi.waitUntil(async () => {
      const { isHeld } = heir.lease;
      wasGone ||= (await redis.command("GET", LEASE)) !== "of a node that was killed";
      if (isHeld) expect(wasGone).toBe(true);
      return isHeld;
    }, PATIENCE);
  });

  it("[K3] is renewed, so that it stays where it is", async () => {
    const holder = candidate();
    await until([holder], () => holder.lease.isHeld);
    const token = await redis.command("GET", LEASE);
    const other = candidate();
    const begun = performance.now();
    await until([holder, other], () => performance.now() - begun > 6000);
    expect(await redis.command("GET", LEASE)).toBe(token);
    expect([holder.told, other.told]).toEqual([["gained"], []]);
  });

  it("[K3] is let go by its holder before it expires in a Redis that does not answer", async () => {
    const all = [candidate(), candidate()];
    await until(all, () => all.some(({ lease }) => lease.isHeld));
    const holder = all.find(({ lease }) => lease.isHeld)!;
    redis.stall();
    try {
      await until(all, () => holder.told.join() === "gained,lost");
    } finally {
      redis.resume();
    }
    await until(all, () => all.some(({ lease }) => lease.isHeld));
  });

  it("[K3] is not held after the event loop stood still for too long, whatever timers ran since", async () => {
    const holder = candidate();
    await until([holder], () => holder.lease.isHeld);
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 4001);
    expect(holder.lease.isHeld).toBe(false);
    clock.mockRestore();
  });

  it("[K3] moves to who asks first when Redis lost it", async () => {
    const all = [candidate(), candidate()];
    await until(all, () => all.some(({ lease }) => lease.isHeld));
    await redis.command("FLUSHALL");
    await redis.command("SET", LEASE, "of another node", "PX", "3000");
    await until(all, () => all.every(({ lease }) => !lease.isHeld));
    await until(all, () => all.some(({ lease }) => lease.isHeld));
  });
});

describe("the nodes", () => {
  const names = async (cluster: Cluster) => (await cluster.reports()).map(({ node }) => node).sort();

  it("[K1] hear of each other, and no more of one that left", async () => {
    const [a, b] = [join("aaaaaaaa"), join("bbbbbbbb")];
    a.start(hooksOf(a.node));
    b.start(hooksOf(b.node));
    await vi.waitUntil(async () => (await names(a)).length === 2, PATIENCE);
    await vi.waitUntil(async () => (await names(b)).length === 2, PATIENCE);
    expect((await a.reports())[0]!.node).toBe("aaaaaaaa");
    await vi.waitUntil(() => a.roundTripMs !== null && a.roundTripMs > 0, PATIENCE);
    await b.close();
    // At once, not when its report would have expired.
    expect(await redis.command("EXISTS", "{nowboard}:node:bbbbbbbb")).toBe(0);
    await vi.waitUntil(async () => (await names(a)).join() === "aaaaaaaa", PATIENCE);
  });

  it("[K1] hear no more of one that was killed, nor of one that they do not understand", async () => {
    const a = join("aaaaaaaa");
    a.start(hooksOf(a.node));
    const tell = async (node: string, text: string) => {
      await redis.command("SET", `{nowboard}:node:${node}`, text, "PX", "1500");
      await redis.command("ZADD", "{nowboard}:nodes", String(Date.now()), node);
    };
    await tell("cccccccc", JSON.stringify(someReport({ node: "cccccccc" })));
    await tell("dddddddd", JSON.stringify({ node: "dddddddd", shape: "of another version" }));
    await tell("eeeeeeee", "no JSON");
    await vi.waitUntil(async () => (await names(a)).join() === "aaaaaaaa,cccccccc", PATIENCE);
    await vi.waitUntil(async () => (await names(a)).join() === "aaaaaaaa", PATIENCE);
    // Its own would vanish likewise.
    await vi.waitUntil(
      async () => Number(await redis.command("PTTL", "{nowboard}:node:aaaaaaaa")) > 0,
      PATIENCE,
    );
    expect(await redis.command("PTTL", "{nowboard}:node:aaaaaaaa")).toBeLessThanOrEqual(8000);
  });

  it("[K1] fail within their limit while Redis is away, go on by themselves, and come back", async () => {
    const a = join("aaaaaaaa");
    const ended: string[] = [];
    a.start(hooksOf(a.node, { disconnect: (id) => ended.push(id) > 0 }));
    await vi.waitUntil(async () => (await a.reports()).length === 1, PATIENCE);
    for (const [away, back] of [
      [() => redis.stall(), () => redis.resume()],
      [() => redis.kill9(), () => redis.start()],
    ] as const) {
      await away();
      // What was looked at just before may be told once more.
      await vi.waitFor(
        () => expect(a.reports()).rejects.toMatchObject({ code: "cluster_unavailable" }),
        PATIENCE,
      );
      await expect(a.disconnect("bbbbbbbb-1")).rejects.toMatchObject({ code: "cluster_unavailable" });
      await expect(a.drain("bbbbbbbb")).rejects.toMatchObject({ code: "cluster_unavailable" });
      await a.disconnect("aaaaaaaa-1");
      await vi.waitUntil(() => a.roundTripMs === null, PATIENCE);
      await back();
      await vi.waitUntil(() => a.roundTripMs !== null, PATIENCE);
      expect(await names(a)).toEqual(["aaaaaaaa"]);
    }
    expect(ended).toEqual(["aaaaaaaa-1", "aaaaaaaa-1"]);
  });

  it("[K1] can be closed while Redis is away, in bounded time", async () => {
    const holder = candidate();
    holder.cluster.start(hooksOf(holder.cluster.node));
    await until([holder], () => holder.lease.isHeld);
    redis.stall();
    try {
      await holder.cluster.close();
    } finally {
      redis.resume();
    }
  });
});
