import { defineChannel } from "@/lib/shared/define-channel";

/** Today's sales by region, posted to `/api/ingest/regions`; only the columns that changed need be sent. */
export const regions = defineChannel({
  kind: "table",
  name: "regions",
  title: "Sales by region",
  cadence: 10_000,
  maxAge: 120_000,
  filledBy: "ingest",
  key: "region",
  maxRows: 10_000,
  columns: {
    region: { title: "Region", type: "text", example: "North" },
    orders: { title: "Orders today", type: "number", unit: "count", digits: 0 },
    revenue: { title: "Revenue today", type: "number", unit: "currency", currency: "EUR", digits: 0 },
    change: { title: "Against yesterday", type: "number", unit: "percent", digits: 1 },
  },
});
