import { createAdapter } from "@socket.io/redis-adapter";
import type { Server } from "socket.io";
import { CodedError } from "@/lib/shared/codes";
import { type Cluster, type NodeHooks, newNodeId, nobodyReads, nodeOf } from "./cluster";
import { createControl } from "./control";
import { LEASE_MS } from "./lease";
import { keepLease, type Lease } from "./lease-keeper";
import { linkToRedis } from "./redis-link";
import { type NodeReport, nodeReportSchema } from "./report";

/** How often a node tells of itself, and how soon it is forgotten when it does not, ms. */
const REPORT_MS = 2000;
const FORGOTTEN_MS = 8000;
/** A node whose name is still listed after this has been gone for good, ms. */
const UNLISTED_MS = 60 * 60_000;
const ANSWER_MS = 2000;
/** One node is drained at a time: until its reports say so, a second one would count on it, ms. */
const DRAIN_PAUSE_MS = 10_000;
/** Sources that tick together share one look at the reports, ms. */
const LOOK_MS = 500;

const KEYS = {
  /** Sorted set: the nodes by when they last reported (ms, their own clocks). */
  nodes: "{nowboard}:nodes",
  report: (node: string) => `{nowboard}:node:${node}`,
  lease: (name: string) => `{nowboard}:lease:${name}`,
  /** The node that was last asked to drain, until all have heard of it. */
  draining: "{nowboard}:draining",
  /** Beginning of the channels that carry what nodes ask of each other. */
  control: "{nowboard}:control",
};

/** KEYS lease; ARGV token, life (ms). 1: the token has the lease now, for that long. */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if not holder and redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
`;
/** KEYS lease; ARGV token. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

export interface RedisClusterOptions {
  url: string;
  node?: string;
  /** Told of what the cluster survives. */
  note?: (message: string, error?: unknown) => void;
}

/** Nodes that know each other through Redis: reports and leases are keys that expire, requests are messages. */
export function createRedisCluster({
  url,
  node = newNodeId(),
  note = () => {},
}: RedisClusterOptions): Cluster {
  const link = linkToRedis(url, note);
  const control = createControl({ node, limitMs: ANSWER_MS, hooks: () => hooks });
  const leases = new Set<Lease>();
  let hooks: NodeHooks | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reporting: Promise<void> | undefined;
  let roundTripMs: number | null = null;
  let look: { at: number; others: Promise<NodeReport[]> } | undefined;
  let closed: Promise<void> | undefined;

  /** Never rejects: the next one is due soon, and without them the others forget this node. */
  async function report(): Promise<void> {
    const text = JSON.stringify(hooks!.report());
    const sentAt = performance.now();
    try {
      await link.command(["SET", KEYS.report(node), text, "PX", String(FORGOTTEN_MS)], ANSWER_MS);
      roundTripMs = performance.now() - sentAt;
      await link.command(["ZADD", KEYS.nodes, String(Date.now()), node], ANSWER_MS);
    } catch {
      roundTripMs = null;
    }
  }

  /** One at a time: while Redis does not answer they would pile up. */
  function beginReport(): void {
    reporting ??= report().finally(() => {
      reporting = undefined;
    });
  }

  async function forgetOldNames(): Promise<void> {
    const until = String(Date.now() - UNLISTED_MS);
    await link.command(["ZREMRANGEBYSCORE", KEYS.nodes, "-inf", until], ANSWER_MS).catch(() => {});
  }

  async function readOthers(): Promise<NodeReport[]> {
    const deadline = performance.now() + ANSWER_MS;
    const names = (await link.command(["ZRANGE", KEYS.nodes, "0", "-1"], ANSWER_MS)) as string[];
    const others = names.filter((name) => name !== node);
    if (others.length === 0) return [];
    const left = Math.max(1, deadline - performance.now());
    const texts = (await link.command(["MGET", ...others.map(KEYS.report)], left)) as (string | null)[];
    return texts.flatMap((text) => parseReport(text) ?? []);
  }

  async function reports(): Promise<NodeReport[]> {
    const now = performance.now();
    if (!look || now - look.at >= LOOK_MS) look = { at: now, others: readOthers() };
    const others = await look.others;
    return hooks ? [hooks.report(), ...others] : others;
  }

  async function leave(): Promise<void> {
    clearInterval(timer);
    await Promise.all([...leases].map((lease) => lease.close()));
    await reporting;
    if (hooks) {
      const keys = link.command(["DEL", KEYS.report(node)], ANSWER_MS);
      const names = link.command(["ZREM", KEYS.nodes, node], ANSWER_MS);
      await Promise.allSettled([keys, names]);
    }
    link.close();
  }

  return {
    node,
    get roundTripMs() {
      return roundTripMs;
    },

    start(given) {
      hooks = given;
      void forgetOldNames();
      beginReport();
      timer = setInterval(beginReport, REPORT_MS);
      timer.unref();
    },

    mount(io: Server) {
      const { pub, sub } = link.forAdapter;
      io.adapter(createAdapter(pub, sub, { key: KEYS.control }));
      control.serve(io);
    },

    reports,

    holdLease(name, events) {
      const key = KEYS.lease(name);
      const lease = keepLease(
        {
          take: async (token, limitMs) =>
            (await link.command(["EVAL", TAKE, "1", key, token, String(LEASE_MS)], limitMs)) === 1,
          release: async (token, limitMs) => {
            await link.command(["EVAL", RELEASE, "1", key, token], limitMs);
          },
        },
        events,
      );
      leases.add(lease);
      return lease;
    },

    async disconnect(connection) {
      const at = nodeOf(connection);
      if (at === undefined) throw new CodedError("not_found", "There is no such connection.");
      if (at === node) {
        if (hooks?.disconnect(connection)) return;
      } else {
        const isLive = (await reports()).some((known) => known.node === at);
        if (isLive && (await control.ask(at, { kind: "disconnect", connection }))) return;
      }
      throw new CodedError("not_found", "This connection is gone.");
    },

    async drain(asked) {
      const live = await reports();
      if (!live.some((known) => known.node === asked))
        throw new CodedError("not_found", "There is no such node.");
      if (!live.some((known) => known.node !== asked && !known.draining)) throw new CodedError("last_node");
      const lock = ["SET", KEYS.draining, asked, "NX", "PX", String(DRAIN_PAUSE_MS)];
      if ((await link.command(lock, ANSWER_MS)) === null) throw new CodedError("drain_under_way");
      if (asked === node) hooks?.drain();
      else await control.ask(asked, { kind: "drain" });
    },

    async testSource(channel) {
      // What this node runs it knows best; of the others it knows what they last said.
      if (hooks?.testSource(channel)) return;
      const at = (await reports()).find((known) => known.node !== node && known.sources.includes(channel));
      if (at && (await control.ask(at.node, { kind: "test-source", channel }))) return;
      throw nobodyReads();
    },

    close() {
      closed ??= leave();
      return closed;
    },
  };
}

/** What a node of another version says may not be understood; it is then left out. */
function parseReport(text: string | null): NodeReport | undefined {
  try {
    return nodeReportSchema.safeParse(JSON.parse(text ?? "null")).data;
  } catch {
    return undefined;
  }
}
