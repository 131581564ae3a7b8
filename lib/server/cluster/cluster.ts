import type { Server } from "socket.io";
import { CodedError } from "@/lib/shared/codes";
import type { Lease, LeaseEvents } from "./lease-keeper";
import type { NodeReport } from "./report";

/** What a node can be asked to do by another one. */
export interface NodeHooks {
  /** What this node says of itself now. */
  report(): NodeReport;
  /** Ends a connection of this node and asks its client to come back; false when there is none of this id. */
  disconnect(connection: string): boolean;
  /** Begins to send the viewers of this node away, and ends its process. */
  drain(): void;
  /** Asks a source for news now; false when it does not run here. */
  testSource(channel: string): boolean;
}

/** The nodes of one deployment: who there is, who runs what, and what one asks of another (K1, K3). */
export interface Cluster {
  /** Random and short, part of the ids of this node's connections. */
  readonly node: string;
  /** The last round trip to Redis, ms; `null` where there is none, or none lately. */
  readonly roundTripMs: number | null;
  /** Begins to tell the others about this node. */
  start(hooks: NodeHooks): void;
  /** Lets this node be reached by the others; to be called before the Socket.IO server has connections. */
  mount(io: Server): void;
  /** What all live nodes say of themselves, this one first. Fails with `cluster_unavailable` within two seconds. */
  reports(): Promise<NodeReport[]>;
  /** Asks for a lease of this name until it is closed: at most one node has it at a time. */
  holdLease(name: string, events: LeaseEvents): Lease;
  /**
   * Ends a connection, wherever it is. Fails with `not_found`; with `node_silent` when its node did not answer
   * within two seconds, so it may have been done or not; with `cluster_unavailable`.
   */
  disconnect(connection: string): Promise<void>;
  /** Asks a node to drain; the same errors; `last_node` when its viewers had nowhere to go, `drain_under_way` for 10 s after another. */
  drain(node: string): Promise<void>;
  /**
   * Asks for news of a source now, at the node that runs it. Fails with `node_silent`, or with `cluster_unavailable`,
   * also while the sources are on their way from one node to another.
   */
  testSource(channel: string): Promise<void>;
  /** Leaves the cluster: the others no longer hear of this node. Never rejects. */
  close(): Promise<void>;
}

/** `<node>-<number>`; `undefined` for anything else. */
export function nodeOf(connection: string): string | undefined {
  return /^([a-z0-9]{8})-\d{1,15}$/.exec(connection)?.[1];
}

/** No node says that it runs the sources, or the one that did does not any more. */
export function nobodyReads(): CodedError {
  return new CodedError("cluster_unavailable", "No node reads the sources at this moment.", {
    retryAfter: 5,
  });
}

/** The ids of nodes, of which there are few: eight letters and digits are enough. */
export function newNodeId(random: () => number = Math.random): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 8 }, () => letters[Math.floor(random() * letters.length)]).join("");
}

/** The only node: it knows itself, and every lease is its own. */
export function createEmbeddedCluster(node = newNodeId()): Cluster {
  let hooks: NodeHooks | undefined;
  return {
    node,
    roundTripMs: null,
    start(given) {
      hooks = given;
    },
    mount() {},
    reports: async () => (hooks ? [hooks.report()] : []),
    holdLease(_name, { onGained }) {
      onGained();
      return { isHeld: true, close: async () => {} };
    },
    async disconnect(connection) {
      if (!hooks?.disconnect(connection)) throw new CodedError("not_found", "This connection is gone.");
    },
    async drain(asked) {
      if (asked !== node) throw new CodedError("not_found", "There is no such node.");
      throw new CodedError("last_node");
    },
    async testSource(channel) {
      if (!hooks?.testSource(channel)) throw nobodyReads();
    },
    async close() {},
  };
}
