/** Faults of Redis, and of the ways to it, under two nodes. The page is on the first, its orders go to the second. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Rung } from "@/lib/client/ladder-state";
import { type Cluster, expect } from "@/tests/support/cluster-fixtures";
import type { Fault } from "./faults";
import type { Stage } from "./stage";

export interface ClusterFault extends Omit<Fault, "run"> {
  run(stage: Stage, cluster: Cluster): Promise<void>;
}

const ALL: readonly Rung[] = ["socket", "sse", "long-poll", "poll"];
const FIRST: readonly Rung[] = ["socket", "sse"];
/** A log that cannot be confirmed for 10 s is out of reach (F4), and that is told with the next tick. */
const NOTICE_MS = 12_500;
/** How long Redis is away: long enough to be noticed. */
const AWAY_MS = 16_000;

async function readiness(url: string): Promise<number> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })).status;
}

/** Waits until the page says that it is behind, and its node that it is not ready. */
async function untilDelayed(stage: Stage, { nodes }: Cluster) {
  await stage.until(
    "it says delayed, or that it is connecting again",
    ({ word }) => word === "Delayed" || word === "Reconnecting",
    20_000,
  );
  await stage.capture();
  await expect.poll(() => readiness(nodes[0]!.url), { timeout: 10_000 }).toBe(503);
  stage.proved("the node says that it is not ready", true);
}

const killed: ClusterFault = {
  row: "22",
  name: "redis-killed",
  title: "Redis is killed and comes back after a while, with all that it has acknowledged",
  rungs: ALL,
  fast: true,
  noticeMs: NOTICE_MS,
  recoverMs: 5000,
  async run(stage, cluster) {
    const { redis, nodes } = cluster;
    await redis.kill9();
    const killedAt = Date.now();
    stage.injected("Redis is killed");
    await untilDelayed(stage, cluster);
    const refused = await fetch(`${nodes[1]!.url}/api/ingest/notices`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: "lost" }),
    });
    stage.proved("producers are refused", refused.status === 503 && refused.headers.has("retry-after"));
    await sleep(Math.max(0, killedAt + AWAY_MS - Date.now()));
    await redis.start();
    stage.healed("Redis is back");
  },
};

const silent: ClusterFault = {
  row: "23",
  name: "redis-silent",
  title: "Redis keeps its connections and answers nothing",
  rungs: FIRST,
  noticeMs: NOTICE_MS,
  recoverMs: 8000,
  async run(stage, cluster) {
    cluster.redis.stall();
    const from = Date.now();
    stage.injected("Redis is stopped in its tracks");
    await untilDelayed(stage, cluster);
    await sleep(Math.max(0, from + AWAY_MS - Date.now()));
    cluster.redis.resume();
    stage.healed("Redis goes on");
  },
};

const cutOff: ClusterFault = {
  row: "25",
  name: "node-cut-off",
  title: "one node loses its way to Redis while the other goes on",
  rungs: ALL,
  noticeMs: NOTICE_MS,
  recoverMs: 5000,
  async run(stage, cluster) {
    const [way] = cluster.ways;
    way!.cut();
    stage.injected("the page's node is cut off from Redis");
    await untilDelayed(stage, cluster);
    stage.proved("the other node is ready", (await readiness(cluster.nodes[1]!.url)) === 200);
    await stage.flow(60);
    way!.clear();
    stage.healed("the way is open again");
  },
};

const connectionsKilled: ClusterFault = {
  row: "26",
  name: "redis-connections-killed",
  title: "Redis ends the nodes' connections again and again while orders flow",
  rungs: FIRST,
  recoverMs: 5000,
  async run(stage, { redis }) {
    stage.injected("connections are killed, ten times");
    let ended = 0;
    for (let n = 0; n < 10; n++) {
      for (const type of ["normal", "pubsub"])
        ended += Number(await redis.command("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"));
      await sleep(400);
    }
    stage.proved(`${ended} connections were ended`, ended >= 20);
    await stage.capture();
    stage.healed("connections live again");
  },
};

const slow: ClusterFault = {
  row: "27",
  name: "redis-slow",
  title: "Redis pauses all its clients for 3 s, again and again",
  rungs: FIRST,
  recoverMs: 5000,
  async run(stage, { redis, nodes }) {
    stage.injected("three pauses of 3 s");
    for (let n = 0; n < 3; n++) {
      await redis.command("CLIENT", "PAUSE", "3000", "ALL");
      const from = Date.now();
      const health = fetch(`${nodes[0]!.url}/healthz`, { signal: AbortSignal.timeout(2000) });
      stage.proved("the node answers meanwhile", (await health).ok && Date.now() - from < 2000);
      await sleep(4000);
    }
    await stage.capture();
    stage.healed("Redis is as fast as before");
  },
};

export const CLUSTER_FAULTS: readonly ClusterFault[] = [killed, silent, cutOff, connectionsKilled, slow];
