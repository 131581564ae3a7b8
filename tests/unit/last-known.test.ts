import { describe, expect, it } from "vitest";
import { droppedPages, keptPage, MAX_KEPT_MS, MAX_PAGES } from "@/lib/client/last-known";
import { defineChannel } from "@/lib/shared/define-channel";
import type { ChannelState } from "@/lib/shared/state";

const T = Date.UTC(2026, 10, 25, 12);
const common = { cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
const shop = defineChannel({
  ...common,
  name: "shop",
  title: "Shop",
  kind: "record",
  metrics: {
    sold: { title: "Sold", unit: "count" },
    revenue: { title: "Revenue", unit: "currency", currency: "EUR" },
    load: { title: "Load", unit: "percent" },
  },
});
const regions = defineChannel({
  ...common,
  name: "regions",
  title: "Regions",
  kind: "table",
  key: "region",
  columns: {
    region: { title: "Region", type: "text" },
    revenue: { title: "Revenue", type: "number", unit: "count" },
  },
});
const orders = defineChannel({
  ...common,
  name: "orders",
  title: "Orders",
  kind: "feed",
  keep: 50,
  fields: { item: { title: "Item", type: "text" } },
});
const channels = [shop, regions, orders];

const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `r${i}`,
      { region: `Region ${i} ${"x".repeat(300)}`, revenue: 12_345 },
    ]),
  );
const states: Record<string, ChannelState> = {
  shop: {
    kind: "record",
    asOf: T - 3000,
    values: { sold: 17, revenue: 4321.5, load: null },
    ts: {},
    by: "demo",
  },
  regions: { kind: "table", asOf: T - 9000, rows: many(25) },
  orders: {
    kind: "feed",
    asOf: T - 1000,
    count: 2,
    keep: 50,
    items: [
      { key: "1.0", ts: T - 2000, item: { item: "tea" } },
      { key: "2.0", ts: T - 1000, item: { item: "cups" } },
    ],
  },
};
const reader = (of = states) => ({
  channels,
  stateOf: (name: string) => of[name],
  place: { locale: "en-GB", timeZone: "Europe/Berlin" },
  at: T,
  ahead: 250,
});

describe("what is kept of a page", () => {
  it("[C9] is what it shows, in its order, as people read it, each with its time", () => {
    const widgets = [
      "metric-shop-revenue",
      "metric-shop-sold",
      "metric-shop-revenue",
      "metric-shop-load",
      "metric-x-y",
    ];
    expect(keptPage({ title: "Business", widgets }, reader())).toEqual({
      title: "Business",
      locale: "en-GB",
      at: T,
      ahead: 250,
      isDemo: true,
      numbers: [
        { title: "Revenue", text: "4,321.50", unit: "€", unitFirst: true, at: T - 3000 },
        { title: "Sold", text: "17", unit: undefined, unitFirst: undefined, at: T - 3000 },
        { title: "Load", text: "–", unit: undefined, unitFirst: undefined, at: T - 3000 },
      ],
      tables: [],
    });
  });

  it("[C9] has the first rows of tables, the newest items of feeds, and says what is not kept", () => {
    const page = keptPage({ title: "", widgets: ["table-regions", "feed-orders"] }, reader());
    const [table, feed] = page!.tables;
    expect(table).toMatchObject({ title: "Regions", more: 15, at: T - 9000 });
    expect(table!.columns).toEqual([
      { title: "Region", isNumber: false },
      { title: "Revenue", isNumber: true },
    ]);
    expect(table!.rows).toHaveLength(10);
    expect(table!.rows[0]![1]).toMatch(/^12\.3/);
    expect(table!.rows[0]![0]!.length).toBeLessThanOrEqual(120);
    expect(feed!.rows).toEqual([["cups"], ["tea"]]);
    // None of what this page shows is from the demo.
    expect(page!.isDemo).toBe(false);
  });

  it("[C9] is nothing when there is no reading yet, or nothing to read", () => {
    const empty: ChannelState = { kind: "record", asOf: null, values: {}, ts: {} };
    expect(keptPage({ title: "", widgets: ["metric-shop-sold"] }, reader({ shop: empty }))).toBeUndefined();
    expect(keptPage({ title: "", widgets: [] }, reader())).toBeUndefined();
  });
});

describe("the pages that are kept", () => {
  const page = (savedAt: number) => ({ at: savedAt + 250, ahead: 250 });

  it("[C9] are the newest ones, and none of them too old", () => {
    const kept = new Map(Array.from({ length: MAX_PAGES + 2 }, (_, i) => [`/${i}`, page(T - i * 1000)]));
    expect(droppedPages(kept, T)).toEqual([`/${MAX_PAGES}`, `/${MAX_PAGES + 1}`]);
    const aged = new Map([
      ["/new", page(T)],
      ["/old", page(T - MAX_KEPT_MS - 1)],
    ]);
    expect(droppedPages(aged, T)).toEqual(["/old"]);
  });

  it("[C9] of which one cannot be read are dropped", () => {
    expect(droppedPages(new Map([["/odd", {} as ReturnType<typeof page>]]), T)).toEqual(["/odd"]);
  });
});
