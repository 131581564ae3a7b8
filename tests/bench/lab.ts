import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port";
import { type Child, startChild } from "./calls";
import type { ClientCalls } from "./clients";
import { Latencies } from "./latencies";
import { channelNames, type Load, type Numbers } from "./load";
import type { PeerName } from "./readers";
import type { ServerCalls } from "./serve";
import type { Counts } from "./tally";

export interface ViewerGroup {
  viewers: number;
  checkOneIn: number;
  reconnects?: boolean;
}

export type Clients = Child<ClientCalls>;

/** One peer's server and the processes of its viewers, on a port and a folder of their own. */
export interface Lab {
  readonly server: Child<ServerCalls>;
  /** Starts a process of viewers; resolves when all of them are connected. */
  connect(group: ViewerGroup): Promise<Clients>;
  /** Ends the server as a power cut would, and starts it again; it publishes at once. */
  killAndRestart(numbers: () => Promise<Numbers>): Promise<void>;
  /** Ends all processes and removes the folder. */
  close(): Promise<void>;
}

const SERVERS = { nowboard: "./server-nowboard.ts", "socket.io": "./server-socket-io.ts" };

export async function openLab(peer: PeerName, load: Load, nodeOptions: string[]): Promise<Lab> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-bench-"));
  const processes: Child<unknown>[] = [];

  function begin(): Child<ServerCalls> {
    const child = startChild<ServerCalls>(SERVERS[peer], nodeOptions);
    processes.push(child);
    return child;
  }

  async function close() {
    await Promise.all(processes.map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }

  let server = begin();
  try {
    await server.ask("start", { port, folder, load, numbers: {}, publish: false });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    get server() {
      return server;
    },
    connect: async ({ viewers, checkOneIn, reconnects = false }) => {
      const clients = startChild<ClientCalls>("./clients.ts");
      processes.push(clients);
      const channels = channelNames(load);
      await clients.ask("open", { peer, port, channels, viewers, checkOneIn, reconnects });
      return clients;
    },
    killAndRestart: async (numbers) => {
      await server.kill9();
      server = begin();
      await server.ask("start", { port, folder, load, numbers: await numbers(), publish: true });
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
