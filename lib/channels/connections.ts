import { defineChannel } from "@/lib/shared/define-channel";

/**
 * One row for each open connection, on whichever node. Of a node with many, only those that are furthest behind
 * and the newest; viewers who poll without waiting have no connection and are only counted.
 */
export const connections = defineChannel({
  kind: "table",
  name: "connections",
  title: "Connections",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  key: "connection",
  maxRows: 1000,
  columns: {
    connection: { title: "Connection", type: "text" },
    node: { title: "Node", type: "text" },
    transport: { title: "Transport", type: "text" },
    page: { title: "Page", type: "text" },
    address: { title: "Address", type: "text" },
    since: { title: "Since", type: "time" },
    lag: { title: "Behind", type: "number", unit: "milliseconds", digits: 0 },
    buffered: { title: "Buffered", type: "number", unit: "bytes" },
  },
});
