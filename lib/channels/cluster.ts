import { defineChannel } from "@/lib/shared/define-channel";

/** The deployment as a whole: its nodes and their viewers, in the numbers that matter. */
export const cluster = defineChannel({
  kind: "record",
  name: "cluster",
  title: "Cluster",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  metrics: {
    nodes: {
      title: "Nodes",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Server processes that have told of themselves within the last eight seconds.",
    },
    viewers: {
      title: "Viewers",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Live connections to all nodes, whatever their transport.",
    },
    worstLag: {
      title: "Worst lag",
      unit: "milliseconds",
      good: "down",
      digits: 0,
      min: 0,
      about: "How far the slowest connection, or the slowest node, is behind the newest update.",
    },
    worstLoopDelay: {
      title: "Worst event-loop delay",
      unit: "milliseconds",
      good: "down",
      digits: 0,
      min: 0,
      about: "How late the busiest node runs what is due: the slowest of a hundred times in two seconds.",
    },
  },
});
