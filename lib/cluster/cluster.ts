import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort, isFree } from "./free-port";
import { superviseNginx } from "./nginx";
import { type ClusterNode, superviseNode } from "./node";
import { findProgram } from "./program";
import { type RedisProcess, superviseRedis } from "./redis";
import type { Supervised } from "./supervised";

export interface ClusterOptions {
  /** How many nodes; 3 by default. */
  nodes?: number;
  /** Where nginx listens; a free port by default. */
  port?: number;
  /** A Redis that already runs; without it the cluster has its own. */
  redisUrl?: string;
  /** What it keeps on disk; by default a temporary folder, removed at the end. */
  folder?: string;
  /** Settings of the nodes beside those that the cluster gives them. */
  env?: Record<string, string>;
  /** Takes each line that a part prints. */
  print?: (part: string, line: string) => void;
}

export interface Cluster {
  /** nginx, in front of all nodes. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** `undefined` where it is somebody else's. */
  readonly redis: RedisProcess | undefined;
  readonly redisUrl: string;
  readonly nginx: Supervised;
  readonly folder: string;
  /** Stops and starts one node after the other, each when the one before is ready again. */
  rollingRestart(): Promise<void>;
  /** Ends everything: the nodes drain first, then nginx, then Redis. */
  close(): Promise<void>;
}

/**
 * A whole deployment on this machine: Redis, nodes and nginx in front, each a process of its own. Resolves once
 * all are ready; throws with what was printed when one is not, or with the package to install when a program is
 * missing. The pages must have been built.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { print = () => {}, env } = options;
  // Said before anything is started.
  findProgram("nginx");
  if (options.redisUrl === undefined) findProgram("redis-server");
  const port = options.port ?? (await freePort());
  if (!(await isFree(port))) throw new Error(`port ${port} is in use`);
  const folder = resolve(options.folder ?? mkdtempSync(join(tmpdir(), "nowboard-cluster-")));
  const place = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const saying = (part: string) => (line: string) => print(part, line);
  let redis: RedisProcess | undefined;
  let nginx: Supervised | undefined;
  const nodes: ClusterNode[] = [];

  async function close(): Promise<void> {
    await Promise.all(nodes.map((node) => node.stop()));
    await nginx?.stop();
    await redis?.stop();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }

  try {
    if (options.redisUrl === undefined) {
      redis = superviseRedis({ port: await freePort(), folder: place("redis"), say: saying("redis") });
      await redis.start();
    }
    const redisUrl = options.redisUrl ?? redis!.url;
    for (let n = 1; n <= (options.nodes ?? 3); n++) {
      const name = `node ${n}`;
      const dataFolder = place(`node-${n}`);
      nodes.push(
        superviseNode({ name, port: await freePort(), dataFolder, redisUrl, env, say: saying(name) }),
      );
    }
    await Promise.all(nodes.map((node) => node.start()));
    const ports = nodes.map((node) => node.port);
    nginx = await superviseNginx({ port, nodes: ports, folder: place("nginx"), say: saying("nginx") });
    await nginx.start();
    return {
      url: `http://127.0.0.1:${port}`,
      nodes,
      redis,
      redisUrl,
      nginx,
      folder,
      async rollingRestart() {
        for (const node of nodes) {
          await node.stop();
          await node.start();
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
