import { type Publish, sku } from "./table-page";

const MINUTE_MS = 60_000;

/**
 * Something in everything that producers fill: figures, more rows and orders than a screen, notices, annotations.
 * The figures are as old as `figuresAge` says, ms.
 */
export async function fillShop(publish: Publish, figuresAge = 0): Promise<void> {
  const now = Date.now();
  const ts = now - figuresAge;
  await publish("business", [
    { orders: 1_180, revenue: 1_234_000, newUsers: 310, conversion: 2.9, ts: ts - 2 * MINUTE_MS },
    { orders: 1_234, revenue: 1_234_567, newUsers: 312, conversion: 3.14, ts },
  ]);
  const change = (n: number) => ((n * 31) % 200) / 10 - 10;
  await publish(
    "regions",
    Array.from({ length: 30 }, (_, i) => ({
      region: i === 0 ? "North Rhine-Westphalia and neighbours" : sku(i),
      orders: 12_345 + i,
      revenue: 1_234_567 - 31_000 * i,
      change: change(i),
    })),
  );
  await publish(
    "orders",
    Array.from({ length: 12 }, (_, i) => ({
      order: `A-${1001 + i}`,
      customer: "Wilhelmina Featherstonehaugh",
      region: "North Rhine-Westphalia",
      item: "Height-adjustable desk with cable tray, walnut",
      quantity: 12,
      amount: 12_345.67,
    })),
  );
  await publish("notices", [
    { level: "good", title: "All orders of yesterday were sent" },
    { level: "attention", title: "Stock is low", text: "Fewer than ten desk lamps are left." },
    { level: "bad", title: "Payments fail", text: "The provider has answered with errors since noon." },
    { level: "info", title: "Prices change at midnight" },
  ]);
  await publish("annotations", [
    { kind: "deploy", title: "v1.42", ts: now - 3 * MINUTE_MS },
    { kind: "note", title: "A newsletter went out", ts: now - 90_000 },
    { kind: "incident", title: "Payments fail", ts: now - MINUTE_MS },
  ]);
}
