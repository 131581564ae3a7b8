import { defineChannel } from "@/lib/shared/define-channel";

const count = { type: "number", unit: "count", digits: 0 } as const;
const ms = { type: "number", unit: "milliseconds", digits: 0 } as const;

/** One row for each node of the deployment. A node that ended or is not heard of any more has none. */
export const nodes = defineChannel({
  kind: "table",
  name: "nodes",
  title: "Nodes",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  key: "node",
  maxRows: 1000,
  columns: {
    node: { title: "Node", type: "text" },
    host: { title: "Host", type: "text" },
    version: { title: "Version", type: "text" },
    state: { title: "State", type: "text" },
    started: { title: "Started", type: "time" },
    viewers: { title: "Viewers", ...count },
    socket: { title: "WebSocket", ...count },
    sse: { title: "SSE", ...count },
    longPoll: { title: "Long-poll", ...count },
    poll: { title: "Polling", ...count },
    lag: { title: "Log lag", ...ms },
    frames: { title: "Frames", type: "number", unit: "perSecond", digits: 0 },
    bytes: { title: "Sent", type: "number", unit: "bytesPerSecond" },
    loopDelay: { title: "Loop delay", ...ms },
    memory: { title: "Memory", type: "number", unit: "bytes" },
    heap: { title: "Heap", type: "number", unit: "bytes" },
    sources: { title: "Sources", type: "text" },
    redis: { title: "Redis", type: "number", unit: "milliseconds", digits: 1 },
  },
});
