import { expect, it } from "vitest";
import { infrastructure } from "@/lib/channels/infrastructure";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { defineSource } from "@/lib/server/sources/define-source";
import { defineChannel } from "@/lib/shared/define-channel";
import { declareSource } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";

const two = defineChannel({
  kind: "record",
  name: "two",
  title: "Two",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } },
});

const region = { region: "Nord", orders: 1, revenue: 2, change: null };
const order = { order: "1", customer: "A", region: "Nord", item: "Mug", quantity: 1, amount: 9.5 };

// Each `@ts-expect-error` is an assertion for `tsc`: it is an error itself when the line compiles.
it("refuses a misspelt metric, column or field when it is compiled", () => {
  expect(infrastructure.metrics.cpu.metric).toBe("cpu");
  // @ts-expect-error there is no such metric
  expect(infrastructure.metrics.cpuu).toBeUndefined();
  expect(regions.table.columns.revenue.title).toBe("Revenue today");
  // @ts-expect-error there is no such column
  expect(regions.table.columns.revenu).toBeUndefined();
  // @ts-expect-error there is no such field
  expect(orders.feed.fields.amout).toBeUndefined();
});

it("refuses a reading that is not exactly the channel's when it is compiled", () => {
  const sources = [
    defineSource({ channel: two, read: async () => ({ a: 1, b: null }) }),
    defineSource({ channel: regions, read: async () => [region] }),
    defineSource({ channel: orders, read: async () => [order] }),
    defineSource({ channel: orders, read: async () => [] }),
    // @ts-expect-error a metric is missing
    defineSource({ channel: two, read: async () => ({ a: 1 }) }),
    // @ts-expect-error a metric is misspelt
    defineSource({ channel: two, read: async () => ({ a: 1, bb: 2 }) }),
    // @ts-expect-error a metric is not the channel's
    defineSource({ channel: two, read: async () => ({ a: 1, b: 2, c: 3 }) }),
    // @ts-expect-error a metric is no number
    defineSource({ channel: two, read: async () => ({ a: 1, b: "2" }) }),
    // @ts-expect-error a column is missing
    defineSource({ channel: regions, read: async () => [{ region: "Nord", orders: 1 }] }),
    // @ts-expect-error a column is not the table's
    defineSource({ channel: regions, read: async () => [{ ...region, revenu: 3 }] }),
    // @ts-expect-error a field is not the feed's
    defineSource({ channel: orders, read: async () => [{ ...order, amout: 3 }] }),
    // @ts-expect-error a table gives rows
    defineSource({ channel: regions, read: async () => region }),
  ];
  expect(new Set(sources.map((source) => source.channel.name))).toEqual(
    new Set(["two", "regions", "orders"]),
  );
});

it("refuses a source that names what its channel does not have when it is compiled", () => {
  const url = "https://shop.example/today";
  const declared = [
    declareSource(two, { kind: "http", url, values: { a: "$.x" } }),
    // @ts-expect-error a metric is misspelt
    declareSource(two, { kind: "http", url, values: { aa: "$.x" } }),
    declareSource(two, { kind: "postgres", url: env("X"), sql: "SELECT 1", columns: { b: "n" } }),
    // @ts-expect-error an address with a password stands in the environment, not in the code
    declareSource(two, { kind: "postgres", url: "postgres://me:secret@db/shop", sql: "SELECT 1" }),
    // @ts-expect-error there is no such kind
    declareSource(two, { kind: "oracle", url: env("X") }),
    // @ts-expect-error a topic is missing
    declareSource(two, { kind: "kafka", brokers: env("X") }),
  ];
  expect(declared.every(({ channel }) => channel === two)).toBe(true);
});
