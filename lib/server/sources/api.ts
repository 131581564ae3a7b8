import { api } from "@/lib/channels/api";
import type { RequestStats } from "@/lib/server/http/request-stats";
import { defineSource } from "./define-source";

export interface ApiSourceDeps {
  requests: Pick<RequestStats, "read">;
  /** Active viewers by transport. */
  viewers(): Record<"socket" | "sse" | "longPoll" | "poll", number>;
}

/** This server's own HTTP figures and viewers. */
export function apiSource({ requests, viewers }: ApiSourceDeps) {
  return defineSource({
    channel: api,
    read: async () => {
      const { perSecond, ...lastMinute } = requests.read();
      const { socket, sse, longPoll, poll } = viewers();
      return {
        requests: perSecond,
        ...lastMinute,
        viewers: socket + sse + longPoll + poll,
        viewersSocket: socket,
        viewersSse: sse,
        viewersLongPoll: longPoll,
        viewersPoll: poll,
      };
    },
  });
}
