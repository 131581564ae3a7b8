import { defineChannel } from "@/lib/shared/define-channel";

/*
 * The channels of a shop that there is not. They are in no registry: the server does not know them, and the log never
 * sees what is in them.
 */

const common = { cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
const visitors = { unit: "count", digits: 0, min: 0 } as const;
const answers = { unit: "perSecond", type: "rate", min: 0 } as const;

export const shop = defineChannel({
  ...common,
  kind: "record",
  name: "demo-shop",
  title: "Shop",
  metrics: {
    visitors: { ...visitors, title: "Visitors now", good: "up", about: "People in the shop at this moment." },
    orders: { title: "Orders today", unit: "count", type: "counter", digits: 0, good: "up" },
    storage: {
      title: "Stockroom in use",
      unit: "percent",
      digits: 0,
      min: 0,
      max: 100,
      good: "down",
      thresholds: [
        { value: 75, label: "nearly full", level: "attention" },
        { value: 90, label: "full", level: "bad" },
      ],
    },
    web: { ...visitors, title: "Website" },
    app: { ...visitors, title: "App" },
    desk: { ...visitors, title: "Front desk" },
    fast: { ...answers, title: "Answers under 50 ms" },
    usual: { ...answers, title: "Answers in 50–200 ms" },
    slow: { ...answers, title: "Answers over 200 ms" },
  },
});

export const shelves = defineChannel({
  ...common,
  kind: "table",
  name: "demo-shelves",
  title: "Shelves",
  key: "shelf",
  columns: {
    shelf: { title: "Shelf", type: "text" },
    item: { title: "Item", type: "text" },
    left: { title: "Left", type: "number", unit: "count", digits: 0 },
    sold: { title: "Sold today", type: "number", unit: "count", digits: 0 },
  },
});

export const sales = defineChannel({
  ...common,
  kind: "feed",
  name: "demo-sales",
  title: "Sales",
  keep: 40,
  fields: {
    item: { title: "Item", type: "text" },
    customer: { title: "Customer", type: "text" },
    amount: { title: "Amount", type: "number", unit: "currency", currency: "EUR" },
  },
});

export const galleryChannels = [shop, shelves, sales] as const;
