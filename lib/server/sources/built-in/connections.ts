import { connections } from "@/lib/channels/connections";
import type { HeldTransport } from "@/lib/server/cluster/connections";
import { type NodeReport, worthTelling } from "@/lib/server/cluster/report";
import { defineSource } from "../define-source";

const TRANSPORTS: Record<HeldTransport, string> = {
  socket: "WebSocket",
  sse: "SSE",
  "long-poll": "Long-poll",
};

/** The open connections of all nodes, as far as the nodes tell of them. A row of one that keeps up never changes. */
export function connectionsSource(reports: () => Promise<NodeReport[]>) {
  return defineSource({
    channel: connections,
    read: async () => {
      const all = (await reports()).flatMap(({ node, connections }) =>
        connections.map((connection) => ({ node, ...connection })),
      );
      return worthTelling(all, connections.maxRows).map((connection) => ({
        connection: connection.id,
        node: connection.node,
        transport: TRANSPORTS[connection.transport],
        page: connection.page ?? null,
        address: connection.address ?? null,
        since: connection.since,
        lag: connection.lagMs === null ? null : Math.round(connection.lagMs / 100) * 100,
        buffered: connection.bufferedBytes,
      }));
    },
  });
}
