import { cluster } from "@/lib/channels/cluster";
import type { NodeReport } from "@/lib/server/cluster/report";
import { defineSource } from "../define-source";

/** All nodes together. */
export function clusterSource(reports: () => Promise<NodeReport[]>) {
  return defineSource({
    channel: cluster,
    read: async () => {
      const all = await reports();
      const lags = all.flatMap(({ logLagMs, connections }) => [
        logLagMs,
        // Who waits for a whole snapshot is not behind by any time.
        ...connections.map(({ lagMs }) => lagMs ?? 0),
      ]);
      return {
        nodes: all.length,
        viewers: all.reduce((total, { viewers }) => total + viewersOf(viewers), 0),
        worstLag: Math.max(0, ...lags),
        worstLoopDelay: Math.round(Math.max(0, ...all.map(({ loopDelayMs }) => loopDelayMs))),
      };
    },
  });
}

function viewersOf({ socket, sse, longPoll, poll }: NodeReport["viewers"]): number {
  return socket + sse + longPoll + poll;
}
