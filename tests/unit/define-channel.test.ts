import { describe, expect, it } from "vitest";
import { defineChannel } from "@/lib/shared/define-channel";
import { gauges, stock, testChannels, visits } from "../support/live-channels";

const base = { title: "T", cadence: 1000, maxAge: 2000, filledBy: "source" } as const;
const feed = (options: object) =>
  defineChannel({ ...base, kind: "feed", name: "f", keep: 5, fields: {}, ...options } as never);

describe("a channel", () => {
  it("gives references that hold all a widget needs and survive the way to the browser", () => {
    expect(gauges.metrics.a).toEqual({
      kind: "metric",
      metric: "a",
      title: "A number",
      unit: "count",
      channel: "gauges",
      channelTitle: "Gauges",
      cadence: 1000,
      maxAge: 10_000,
      filledBy: "ingest",
    });
    expect(stock.table).toMatchObject({ kind: "table", channel: "stock", key: "sku", maxAge: 10_000 });
    expect(visits.feed).toMatchObject({ kind: "feed", channel: "visits", keep: 3, maxAge: 10_000 });
    for (const channel of testChannels) expect(structuredClone(channel)).toEqual(channel);
    expect(JSON.parse(JSON.stringify(testChannels))).toEqual(testChannels);
  });

  it.each(["", "Upper", "1st", "a_b", "a.b", "a b", "a,b", "$access", "é", "a/b", `a${"b".repeat(63)}`])(
    "cannot be called %j, as its name is part of URLs and lists",
    (name) => {
      expect(() => feed({ name })).toThrow("cannot be a channel's name");
    },
  );

  it.each(["a", "a-1", `a${"b".repeat(62)}`])("can be called %j", (name) => {
    expect(feed({ name })).toMatchObject({ name });
  });

  it.each([
    [{ cadence: 0 }, "maxAge"],
    [{ cadence: Number.NaN }, "maxAge"],
    [{ cadence: 1000, maxAge: 999 }, "maxAge"],
    [{ maxAge: Number.NaN }, "maxAge"],
  ])("cannot promise what is impossible: %o", (options, message) => {
    expect(() => feed(options)).toThrow(message);
  });

  it.each([0, -1, 1.5, Number.POSITIVE_INFINITY])("cannot keep %d items of a feed", (keep) => {
    expect(() => feed({ keep })).toThrow("keep");
  });

  it("cannot have a key that is no column", () => {
    const columns = { a: { title: "A", type: "text" } } as const;
    const table = (key: string) =>
      defineChannel({ ...base, kind: "table", name: "t", columns, key } as never);
    expect(() => table("b")).toThrow("the key is not a column");
    expect(() => table("toString")).toThrow("the key is not a column");
    expect(table("a")).toMatchObject({ maxRows: 10_000 });
  });
});
