import fc from "fast-check";
import { afterAll, expect, it, vi } from "vitest";
import { codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import { idOf, labelOf, put, readAll, requestOf } from "../support/log-harness";
import { clientsOf, contentAt, Ledger, type RedisNode, startNode } from "../support/redis-nodes";
import { startRedis } from "../support/redis-server";
import { startTcpProxy } from "../support/tcp-proxy";

vi.setConfig({ testTimeout: 120_000 });

const redis = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
afterAll(() => redis.close());

const node = fc.integer({ min: 0, max: 1 });
const kind = fc.constantFrom("tail" as const, "commands" as const);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("append" as const), node, count: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("post" as const), key: fc.integer({ min: 0, max: 2 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("pause" as const), ms: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), node, from: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("trim" as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill clients" as const), kind }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill redis" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("stall" as const), ms: fc.integer({ min: 1, max: 300 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("hold answers" as const),
      node,
      ms: fc.integer({ min: 1, max: 100 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget scripts" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

let run = 0;

/** Two nodes behind ways of their own, a witness that is spared their faults, and what is under way. */
async function begin() {
  await redis.command("FLUSHALL");
  const proxies = [await startTcpProxy(redis.port), await startTcpProxy(redis.port)];
  // Trimming drops all that a checkpoint covers.
  const start = (port: number) => startNode(`redis://127.0.0.1:${port}`, { retentionMs: -1 });
  const nodes = [await start(proxies[0]!.port), await start(proxies[1]!.port)];
  const witness = await start(redis.port);
  const ledger = new Ledger();
  const posts = new Map<number, Set<UpdateId>>();
  const underWay: Promise<unknown>[] = [];
  run += 1;
  let labels = 0;

  const all = (): RedisNode[] => [...nodes, witness];

  /** What needs Redis may fail while it is away, with a code that says so. */
  const tolerant = (work: Promise<unknown>) =>
    underWay.push(
      work.catch((error) => {
        if (!["log_unavailable", "unknown_outcome"].includes(codeOf(error) ?? "")) throw error;
      }),
    );

  async function read({ log, told }: RedisNode, n: number): Promise<void> {
    const known = told();
    const from = known.at(-1 - (n % Math.max(1, known.length)))?.id;
    if (from === undefined) return;
    const found = await readAll(log, from, 300).catch((error) => {
      if (codeOf(error) === undefined && !error.message.startsWith("reading stopped")) throw error;
      return "gone" as const;
    });
    if (found === "gone") return;
    const after = known.filter(({ id }) => compareIds(id, from) > 0);
    expect(found.slice(0, after.length)).toEqual(after);
  }

  /** Nothing is covered that a node has not read yet. */
  async function trim({ log }: RedisNode): Promise<void> {
    const heads = all().map(({ told }) => told().at(-1)?.id ?? "0-0");
    await log.saveCheckpoint({ id: heads.sort(compareIds)[0]!, states: {} });
    await log.trim();
  }

  async function take(step: Step): Promise<void> {
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    if (step.do === "append") {
      for (let n = 0; n < step.count; n++)
        underWay.push(ledger.append(nodes[step.node]!.log, `${run}:${labels++}`));
    } else if (step.do === "post") {
      const request = requestOf(`post ${run}:${step.key}`, 1, `${run}:${step.key}`);
      const ids = posts.get(step.key) ?? new Set();
      posts.set(step.key, ids);
      for (const { log } of nodes) tolerant(log.append(request).then(({ cursor }) => ids.add(idOf(cursor))));
    } else if (step.do === "pause") await pause(step.ms);
    else if (step.do === "read") tolerant(read(nodes[step.node]!, step.from));
    else if (step.do === "trim") tolerant(trim(nodes[step.node]!));
    else if (step.do === "kill clients") {
      for (const client of await clientsOf(redis))
        if (client.kind === step.kind) await redis.command("CLIENT", "KILL", "ID", client.id);
    } else if (step.do === "kill redis") {
      await redis.kill9();
      await redis.start();
    } else if (step.do === "stall") {
      redis.stall();
      await pause(step.ms);
      redis.resume();
    } else if (step.do === "hold answers") {
      proxies[step.node]!.blockAnswers();
      await pause(step.ms);
      proxies[step.node]!.clear();
    } else if (step.do === "reset") proxies[step.node]!.reset();
    else await redis.command("SCRIPT", "FLUSH");
  }

  return {
    take,
    async end(): Promise<void> {
      await Promise.all(underWay);
      const last = await vi.waitFor(() => put(nodes[0]!.log, "last"), { timeout: 15_000 });
      for (const { told } of all())
        await vi.waitFor(() => expect(told().at(-1)?.id).toBe(last), { timeout: 15_000 });
      const everything = witness.told();
      for (const { told, epochs } of nodes) {
        expect(told()).toEqual(everything);
        expect(epochs).toHaveLength(1);
      }
      expect(ledger.contradictions(everything)).toEqual([]);
      for (const ids of posts.values()) expect(ids.size).toBeLessThanOrEqual(1);
      const stored = await contentAt(redis.url);
      expect(stored).toEqual(everything.slice(everything.length - stored.length));
      expect(everything.map(labelOf)).toHaveLength(new Set(everything.map(labelOf)).size);
    },
    async close(): Promise<void> {
      await Promise.all(all().map((one) => one.close()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

it("[L1][L2][L3][L4][K2] keeps its promises whatever happens between two nodes and a Redis that stores", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = await begin();
      try {
        for (const one of steps) await world.take(one);
        await world.end();
      } finally {
        await world.close();
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
