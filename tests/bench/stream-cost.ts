import { createRedisLog } from "@/lib/server/log/redis-log";
import { startRedis } from "../support/redis-server";
import { processCpuUs } from "./process-cpu";

const UPDATES = 50_000;
/** Producers that each wait for their answer. */
const AT_A_TIME = 500;
const SET = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`metric${i}`, 1_234_567.89 + i]));

export interface StreamCost {
  perSecond: number;
  /** CPU time of Redis, and of the node that appends and reads, for each update, µs. */
  redisUs: number;
  nodeUs: number;
}

/** Appends as fast as it goes to a Redis with an append-only file, and reads it all back. The second run counts. */
export async function streamCost(): Promise<StreamCost> {
  const redis = await startRedis({ args: ["--appendonly", "yes"] });
  const log = createRedisLog({ url: redis.url });
  await log.open();
  try {
    await appendAll();
    const [redisBefore, nodeBefore, startedAt] = [
      processCpuUs(redis.pid),
      process.cpuUsage(),
      performance.now(),
    ];
    await appendAll();
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(nodeBefore);
    return {
      perSecond: UPDATES / seconds,
      redisUs: (processCpuUs(redis.pid) - redisBefore) / UPDATES,
      nodeUs: (user + system) / UPDATES,
    };
  } finally {
    await log.close();
    await redis.close();
  }

  async function appendAll(): Promise<void> {
    const one = () => log.append({ updates: [{ ch: "bench", set: SET }] });
    for (let i = 0; i < UPDATES; i += AT_A_TIME) await Promise.all(Array.from({ length: AT_A_TIME }, one));
  }
}
