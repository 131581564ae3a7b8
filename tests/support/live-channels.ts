import { type Channel, defineChannel } from "@/lib/shared/define-channel";

const ingested = { cadence: 1000, maxAge: 10_000, filledBy: "ingest" } as const;
const count = { title: "A number", unit: "count" } as const;

/** One channel of each kind, and what tests need besides. None has a source. */
export const gauges = defineChannel({
  ...ingested,
  kind: "record",
  name: "gauges",
  title: "Gauges",
  metrics: { a: count, b: count, c: count },
});

const meters = defineChannel({
  ...ingested,
  kind: "record",
  name: "meters",
  title: "Meters",
  metrics: { x: count, y: count },
});

export const stock = defineChannel({
  ...ingested,
  kind: "table",
  name: "stock",
  title: "Stock",
  key: "sku",
  columns: {
    sku: { title: "Article", type: "text" },
    left: { title: "Left", type: "number" },
    sold: { title: "Last sold", type: "time" },
    note: { title: "Note", type: "text" },
  },
  maxRows: 5,
});

export const visits = defineChannel({
  ...ingested,
  kind: "feed",
  name: "visits",
  title: "Visits",
  fields: {
    page: { title: "Page", type: "text" },
    seconds: { title: "Seconds", type: "number" },
    since: { title: "Since", type: "time" },
  },
  keep: 3,
});

/** Filled by the server: ingest refuses it. */
const machine = defineChannel({
  ...ingested,
  filledBy: "source",
  kind: "record",
  name: "machine",
  title: "Machine",
  metrics: { load: count },
});

export const testChannels: readonly Channel[] = [gauges, meters, stock, visits, machine];
