import { defineChannel } from "@/lib/shared/define-channel";

/** The engine that keeps the log. */
export const database = defineChannel({
  kind: "record",
  name: "database",
  title: "Database",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  metrics: {
    connections: {
      title: "Connections",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Open connections to the log's engine.",
    },
    queries: {
      title: "Queries",
      unit: "perSecond",
      type: "rate",
      digits: 1,
      min: 0,
      about: "Statements that the engine ran for this server, per second since the last reading.",
    },
    slowQueries: {
      title: "Slow queries",
      unit: "count",
      good: "down",
      digits: 0,
      min: 0,
      about: "Statements of the last minute that took longer than they should.",
    },
    cacheHits: {
      title: "Cache hit ratio",
      unit: "percent",
      good: "up",
      digits: 1,
      min: 0,
      max: 100,
      about:
        "Share of the last minute's catch-up reads that were answered from memory instead of from the engine.",
    },
    size: {
      title: "Size",
      unit: "bytes",
      min: 0,
      about: "Bytes that the log takes on disk.",
    },
    entries: {
      title: "Log entries",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Updates in the log, which keeps at least the configured number of minutes.",
    },
  },
});
