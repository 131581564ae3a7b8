import fc from "fast-check";
import { expect, it } from "vitest";
import { infrastructure } from "@/lib/channels/infrastructure";
import { notices } from "@/lib/channels/notices";
import { regions } from "@/lib/channels/regions";
import { changeBetween, clean, downChange } from "@/lib/server/sources/reading";
import { type Cell, defineChannel } from "@/lib/shared/define-channel";
import { apply, type ChannelState, emptyState, type TableState } from "@/lib/shared/state";

const pair = defineChannel({
  kind: "record",
  name: "pair",
  title: "Pair",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } },
});

it("makes null of what is no number that JSON has", () => {
  const values = { a: Number.NaN, b: Number.NEGATIVE_INFINITY };
  expect(clean(pair, values)).toEqual({ kind: "record", values: { a: null, b: null } });
  const row = { region: "Nord", orders: Number.POSITIVE_INFINITY, revenue: -0.5, change: null };
  expect(clean(regions, [row])).toEqual({ kind: "table", rows: { Nord: { ...row, orders: null } } });
});

it("keeps to the channel's own metrics, columns and fields", () => {
  expect(clean(pair, { a: 1, c: 3 })).toEqual({ kind: "record", values: { a: 1, b: null } });
  expect(clean(notices, [{ level: "info", title: "T", extra: 1 }])).toEqual({
    kind: "feed",
    items: [{ level: "info", title: "T", text: null }],
  });
});

it("refuses what is no reading of the channel, in words", () => {
  expect(() => clean(pair, [])).toThrow("not a reading of this channel");
  expect(() => clean(regions, { a: 1 })).toThrow("not a reading of this channel");
  expect(() => clean(pair, undefined as never)).toThrow("not a reading of this channel");
  expect(() => clean(regions, [{ region: "", orders: 1 }])).toThrow('without its key, "region"');
  const many = Array.from({ length: regions.maxRows + 1 }, (_, i) => ({ region: `r${i}` }));
  expect(() => clean(regions, many)).toThrow(`more than the ${regions.maxRows} rows`);
});

it("[S2] refuses a table's row that would harm those who read it", () => {
  for (const region of ["__proto__", "constructor", "x".repeat(201)])
    expect(() => clean(regions, [{ region }])).toThrow('a row whose key, "region", cannot be one');
  expect(() => clean(notices, [{ title: "x".repeat(2001) }])).toThrow(
    'a text longer than 2000 characters, in "title"',
  );
});

it("sends of a record only what changed, and an empty set when nothing did", () => {
  const before = clean(pair, { a: 1, b: null });
  expect(changeBetween(undefined, before)).toEqual({ set: { a: 1, b: null } });
  expect(changeBetween(before, clean(pair, { a: 2, b: null }))).toEqual({ set: { a: 2 } });
  expect(changeBetween(before, clean(pair, { a: 1, b: Number.NaN }))).toEqual({ set: {} });
});

it("says a source is down without changing anything else", () => {
  for (const channel of [infrastructure, regions, notices]) {
    const state = apply(emptyState(channel), { id: "5-0", ch: channel.name, ...downChange(channel, "why") });
    expect(state).toEqual({ ...emptyState(channel), down: "why" });
  }
});

const cell = fc.oneof(fc.integer(), fc.constant(null), fc.constantFrom(Number.NaN, 1.5));
const row = fc.record({
  region: fc.constantFrom("a", "b", "c", "d"),
  orders: cell,
  revenue: cell,
  change: cell,
});
const table = fc.array(row as fc.Arbitrary<Record<"region" | "orders" | "revenue" | "change", Cell>>);

it("[L6] brings a state from any table reading to any other, with a base and without", () => {
  fc.assert(
    fc.property(table, table, fc.boolean(), (first, second, withBase) => {
      const [before, after] = [clean(regions, first), clean(regions, second)];
      const whole = changeBetween(undefined, before);
      const state = apply(emptyState(regions), { id: "1-0", ch: "regions", ...whole }) as TableState;
      const change = changeBetween(withBase ? before : undefined, after, Object.keys(state.rows));
      expect(apply(state, { id: "2-0", ch: "regions", ...change })).toMatchObject({ rows: rowsOf(after) });
    }),
  );
});

function rowsOf(reading: ReturnType<typeof clean>): Extract<ChannelState, { kind: "table" }>["rows"] {
  if (reading.kind !== "table") throw new Error("a table is expected");
  return reading.rows;
}
