import { defineChannel } from "@/lib/shared/define-channel";

/** Today's figures, posted to `/api/ingest/business` by the shop's own systems. */
export const business = defineChannel({
  kind: "record",
  name: "business",
  title: "Business",
  cadence: 10_000,
  maxAge: 120_000,
  filledBy: "ingest",
  metrics: {
    orders: {
      title: "Orders today",
      unit: "count",
      type: "counter",
      good: "up",
      digits: 0,
      min: 0,
      about: "Orders placed since midnight.",
    },
    revenue: {
      title: "Revenue today",
      unit: "currency",
      type: "counter",
      currency: "EUR",
      good: "up",
      digits: 0,
      min: 0,
      about: "Value of the orders placed since midnight.",
    },
    newUsers: {
      title: "New users today",
      unit: "count",
      type: "counter",
      good: "up",
      digits: 0,
      min: 0,
      about: "Accounts opened since midnight.",
    },
    conversion: {
      title: "Conversion today",
      unit: "percent",
      good: "up",
      digits: 2,
      min: 0,
      about: "Orders for each hundred visits since midnight.",
    },
  },
});
