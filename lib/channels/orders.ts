import { defineChannel } from "@/lib/shared/define-channel";

/** Single orders as they come in, posted to `/api/ingest/orders`. */
export const orders = defineChannel({
  kind: "feed",
  name: "orders",
  title: "Orders",
  cadence: 5000,
  // A quiet shop is no fault: an hour without an order is the time to ask.
  maxAge: 60 * 60_000,
  filledBy: "ingest",
  keep: 50,
  fields: {
    order: { title: "Order", type: "text", example: "A-1001" },
    customer: { title: "Customer", type: "text", example: "Ada" },
    region: { title: "Region", type: "text", example: "North" },
    item: { title: "Item", type: "text", example: "Desk lamp" },
    quantity: { title: "Quantity", type: "number", unit: "count", digits: 0 },
    amount: { title: "Amount", type: "number", unit: "currency", currency: "EUR", digits: 2 },
  },
});
