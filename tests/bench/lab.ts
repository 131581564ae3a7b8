import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port";
import { type RedisServer, startRedis } from "../support/redis-server";
import { type Child, startChild } from "./calls";
import type { ClientCalls } from "./clients";
import { Latencies } from "./latencies";
import { channelNames, type Load, type Numbers } from "./load";
import { processCpuUs } from "./process-cpu";
import type { PeerName } from "./readers";
import type { ServerCalls } from "./serve";
import type { Counts } from "./tally";

export interface ViewerGroup {
  viewers: number;
  /** Which of the servers they connect to, from 0; the first by default. */
  node?: number;
  checkOneIn: number;
  reconnects?: boolean;
}

export type Clients = Child<ClientCalls>;

/** One peer's servers and the processes of its viewers, on ports and in a folder of their own. */
export interface Lab {
  /** The first server's. */
  readonly port: number;
  /** The first server, the one that publishes. */
  readonly server: Child<ServerCalls>;
  /** CPU time of all servers and of the Redis between them, µs. */
  cpuUs(): Promise<number>;
  /** Starts a process of viewers; resolves when all of them are connected. */
  connect(group: ViewerGroup): Promise<Clients>;
  /** Ends the server as a power cut would, and starts it again; it publishes at once. */
  killAndRestart(numbers: () => Promise<Numbers>): Promise<void>;
  /** Ends all processes and removes the folder. */
  close(): Promise<void>;
}

const SERVERS = { nowboard: "./server-nowboard.ts", "socket.io": "./server-socket-io.ts" };

/** Several `nodes` meet in a Redis with an append-only file, which is started for them. */
export async function openLab(peer: PeerName, load: Load, nodeOptions: string[], nodes = 1): Promise<Lab> {
  const ports = await Promise.all(Array.from({ length: nodes }, () => freePort()));
  const redis: RedisServer | undefined =
    nodes > 1 ? await startRedis({ args: ["--appendonly", "yes"] }) : undefined;
  const folder = mkdtempSync(join(tmpdir(), "nowboard-bench-"));
  const processes: Child<unknown>[] = [];

  function begin(): Child<ServerCalls> {
    const child = startChild<ServerCalls>(SERVERS[peer], nodeOptions);
    processes.push(child);
    return child;
  }

  async function close() {
    await Promise.all(processes.map((child) => child.stop()));
    await redis?.close();
    rmSync(folder, { recursive: true, force: true });
  }

  const start = { folder, load, redisUrl: redis?.url };
  let server = begin();
  const others = ports.slice(1).map(() => begin());
  try {
    for (const [i, node] of [server, ...others].entries())
      await node.ask("start", { ...start, port: ports[i]!, numbers: {}, publish: false });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    port: ports[0]!,
    get server() {
      return server;
    },
    cpuUs: async () => {
      const usages = [server, ...others].map((node) => node.ask("usage", { collect: false }));
      const all = (await Promise.all(usages)).reduce((sum, { cpuUs }) => sum + cpuUs, 0);
      return all + (redis ? processCpuUs(redis.pid) : 0);
    },
    connect: async ({ viewers, node = 0, checkOneIn, reconnects = false }) => {
      const clients = startChild<ClientCalls>("./clients.ts");
      processes.push(clients);
      const channels = channelNames(load);
      const port = ports[node]!;
      await clients.ask("open", { peer, port, channels, viewers, checkOneIn, reconnects });
      return clients;
    },
    killAndRestart: async (numbers) => {
      await server.kill9();
      server = begin();
      await server.ask("start", { ...start, port: ports[0]!, numbers: await numbers(), publish: true });
    },
    close,
  };
}

export interface Outcome extends Counts {
  /** Connections that a viewer gave up because a frame could not be applied. */
  broken: number;
  p50Ms: number | null;
  p99Ms: number | null;
}

/** Waits for what is under way, and adds up what the viewers of these processes saw. */
export async function outcomeOf(clients: Clients[], numbers: Numbers, limitMs: number): Promise<Outcome> {
  const latencies = new Latencies();
  const outcome = { missed: 0, doubled: 0, disordered: 0, broken: 0 };
  for (const part of clients) {
    await part.ask("reach", { numbers, limitMs });
    const { latencies: counts, missed, doubled, disordered, broken } = await part.ask("results", numbers);
    latencies.merge(counts);
    outcome.missed += missed;
    outcome.doubled += doubled;
    outcome.disordered += disordered;
    outcome.broken += broken;
  }
  return { ...outcome, p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) };
}
