import { test as base } from "./fixtures";
import { startProducer } from "./producer";
import { type RedisServer, startRedis } from "./redis-server";
import { type NowboardServer, startServer } from "./start-server";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy";

/** Two nodes on one Redis. */
export interface Cluster {
  redis: RedisServer;
  /** Each node's way to Redis, in the order of the nodes. */
  ways: TcpProxy[];
  nodes: NowboardServer[];
}

const NODES = 2;

/**
 * The product on several nodes: pages are opened on the first one, through `network`, and orders are sent to the
 * second, so that everything on the screen has crossed Redis.
 */
export const test = base.extend<{ cluster: Cluster; redisArgs: string[] }>({
  /** By default Redis stores each append before it answers. */
  redisArgs: [["--appendonly", "yes", "--appendfsync", "always"], { option: true }],

  cluster: async ({ redisArgs }, use, testInfo) => {
    const redis = await startRedis({ args: redisArgs });
    const ways: TcpProxy[] = [];
    const nodes: NowboardServer[] = [];
    try {
      for (let i = 0; i < NODES; i++) ways.push(await startTcpProxy(redis.port));
      const starts = ways.map(({ port }) => startServer({ env: { REDIS_URL: `redis://127.0.0.1:${port}` } }));
      nodes.push(...(await Promise.all(starts)));
      await use({ redis, ways, nodes });
    } finally {
      await Promise.all(nodes.map((node) => node.close()));
      await Promise.all(ways.map((way) => way.close()));
      await redis.close();
    }
    if (testInfo.status === testInfo.expectedStatus) return;
    for (const [i, node] of nodes.entries())
      await testInfo.attach(`output of node ${i + 1}`, { body: node.output(), contentType: "text/plain" });
  },

  nowboard: async ({ cluster }, use) => use(cluster.nodes[0]!),

  produce: async ({ cluster }, use) => {
    const producers: ReturnType<typeof startProducer>[] = [];
    await use((options) => {
      const given = typeof options === "number" ? { everyMs: options } : options;
      const producer = startProducer(cluster.nodes[1]!, given);
      producers.push(producer);
      return producer;
    });
    await Promise.all(producers.map((producer) => producer.stop()));
  },
});

export { expect } from "./fixtures";
