import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "@/lib/server/transports/ingest-body";
import { ingestValidator } from "@/lib/server/transports/ingest-schema";
import { type CodedError, codeOf } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import { updateSchema } from "@/lib/shared/protocol";
import { gauges, stock, visits } from "../support/live-channels";

const NOW = Date.UTC(2026, 0, 1);

/** What becomes of a body's text for a channel: an update, or `code field`. */
function take(channel: Channel, text: string, index?: number): unknown {
  try {
    return ingestValidator(channel)(parseJson(text), NOW, index);
  } catch (error) {
    const { field } = (error as CodedError).extras;
    return [codeOf(error), field].filter(Boolean).join(" ");
  }
}

describe("a record", () => {
  it("[T5] takes any of its metrics, numbers or null, with or without a source time", () => {
    expect(take(gauges, '{"a":1}')).toEqual({ ch: "gauges", set: { a: 1 } });
    expect(take(gauges, '{"a":-0.5,"b":null,"c":9007199254740991}')).toEqual({
      ch: "gauges",
      set: { a: -0.5, b: null, c: 9007199254740991 },
    });
    expect(take(gauges, '{"a":1.5e-300,"ts":1700000000000}')).toEqual({
      ch: "gauges",
      ts: 1700000000000,
      set: { a: 1.5e-300 },
    });
  });

  it.each([
    ['{"a":NaN}', "invalid_json"],
    ['{"a":Infinity}', "invalid_json"],
    ['{"a":-Infinity}', "invalid_json"],
    ['{"a":01}', "invalid_json"],
    ['{"a":1,}', "invalid_json"],
    ["{'a':1}", "invalid_json"],
    ["", "invalid_json"],
    ['{"a":1}{"a":2}', "invalid_json"],
    ['{"a":1e400}', "invalid_field a"],
    ['{"a":-1e400}', "invalid_field a"],
    ['{"a":9007199254740993}', "invalid_field a"],
    ['{"a":9007199254740992}', "invalid_field a"],
    ['{"a":-9007199254740993}', "invalid_field a"],
    ['{"a":"1"}', "invalid_field a"],
    ['{"a":true}', "invalid_field a"],
    ['{"a":[1]}', "invalid_field a"],
    ['{"a":{"b":1}}', "invalid_field a"],
    ['{"a":1,"d":2}', "invalid_field d"],
    ['{"A":1}', "invalid_field A"],
    ['{"a":1,"__proto__":{"b":2}}', "invalid_field __proto__"],
    ['{"__proto__":null}', "invalid_field __proto__"],
    ['{"constructor":1}', "invalid_field constructor"],
    ['{"toString":1}', "invalid_field toString"],
    ['{"$delete":true,"a":1}', "invalid_field $delete"],
    ["{}", "invalid_field"],
    ['{"ts":1}', "invalid_field"],
    ["[]", "invalid_field"],
    ['[{"a":1}]', "invalid_field"],
    ["null", "invalid_field"],
    ["1", "invalid_field"],
    ['"a"', "invalid_field"],
  ])("[T5] refuses %s: %s", (text, expected) => {
    expect(take(gauges, text)).toBe(expected);
  });

  it("[T5] says which one of several is at fault, and in words", () => {
    const validate = ingestValidator(gauges);
    expect(() => validate({ a: "x" }, NOW, 7)).toThrow(
      expect.objectContaining({ extras: { field: "a", index: 7 } }),
    );
    expect(() => validate({ a: Number.POSITIVE_INFINITY }, NOW)).toThrow("a: must be a finite number");
    expect(() => validate({ a: 2 ** 53 }, NOW)).toThrow("a: is beyond the exact integers");
    expect(() => validate({ d: 1 }, NOW)).toThrow("d: is not known to this channel");
    expect(() => validate(5, NOW)).toThrow("A JSON object is expected.");
  });
});

describe("a source time", () => {
  it.each([
    ["0", 0],
    [`${NOW}`, NOW],
    [`${NOW + 300_000}`, NOW + 300_000],
    ['"2025-12-31T23:59:59Z"', NOW - 1000],
    ['"2025-12-31T23:59:59.250Z"', NOW - 750],
    // One instant, written in another zone.
    ['"2026-01-01T05:29:59+05:30"', NOW - 1000],
    ['"2025-12-31T15:59:59-08:00"', NOW - 1000],
  ])("[T5] can be %s", (ts, expected) => {
    expect(take(gauges, `{"a":1,"ts":${ts}}`)).toEqual({ ch: "gauges", ts: expected, set: { a: 1 } });
  });

  it.each([
    [`${NOW + 300_001}`, "future_timestamp ts"],
    ['"2027-01-01T00:00:00Z"', "future_timestamp ts"],
    ["1e400", "invalid_field ts"],
    ["-1", "invalid_field ts"],
    ["1.5", "invalid_field ts"],
    ["null", "invalid_field ts"],
    ["true", "invalid_field ts"],
    ['"yesterday"', "invalid_field ts"],
    ['"1700000000000"', "invalid_field ts"],
    ['"2026-02-30T00:00:00Z"', "invalid_field ts"],
    // Without a zone nobody knows which instant is meant.
    ['"2025-12-31T23:59:59"', "invalid_field ts"],
    ['"2025-12-31"', "invalid_field ts"],
  ])("[T5] cannot be %s: %s", (ts, expected) => {
    expect(take(gauges, `{"a":1,"ts":${ts}}`)).toBe(expected);
  });
});

describe("a table", () => {
  it("[T5] takes rows by key, some of their columns, and deletions", () => {
    expect(take(stock, '{"sku":"p","left":3,"sold":"2025-12-31T23:59:59Z","note":null}')).toEqual({
      ch: "stock",
      rows: { p: { sku: "p", left: 3, sold: NOW - 1000, note: null } },
    });
    expect(take(stock, '{"sku":"p"}')).toEqual({ ch: "stock", rows: { p: { sku: "p" } } });
    expect(take(stock, '{"sku":"p","$delete":true,"ts":5}')).toEqual({
      ch: "stock",
      ts: 5,
      rows: { p: null },
    });
  });

  it.each([
    ['{"left":3}', "invalid_field sku"],
    ['{"sku":"","left":3}', "invalid_field sku"],
    ['{"sku":7}', "invalid_field sku"],
    ['{"sku":null}', "invalid_field sku"],
    [`{"sku":"${"x".repeat(201)}"}`, "invalid_field sku"],
    ['{"sku":"__proto__","left":3}', "invalid_field sku"],
    ['{"sku":"constructor"}', "invalid_field sku"],
    ['{"sku":"prototype"}', "invalid_field sku"],
    ['{"sku":"p","left":"3"}', "invalid_field left"],
    ['{"sku":"p","left":1e400}', "invalid_field left"],
    ['{"sku":"p","sold":"noon"}', "invalid_field sold"],
    [`{"sku":"p","note":"${"x".repeat(2001)}"}`, "invalid_field note"],
    ['{"sku":"p","note":{"a":1}}', "invalid_field note"],
    ['{"sku":"p","price":1}', "invalid_field price"],
    ['{"sku":"p","$delete":false}', "invalid_field $delete"],
    ['{"sku":"p","__proto__":{"left":1}}', "invalid_field __proto__"],
  ])("[T5] refuses %s: %s", (text, expected) => {
    expect(take(stock, text)).toBe(expected);
  });
});

describe("a feed", () => {
  it("[T5] takes items with any of its fields", () => {
    expect(take(visits, '{"page":"/","seconds":2.5,"since":0,"ts":9}')).toEqual({
      ch: "visits",
      ts: 9,
      items: [{ page: "/", seconds: 2.5, since: 0 }],
    });
  });

  it.each([
    ['{"pages":"/"}', "invalid_field pages"],
    ['{"page":1}', "invalid_field page"],
    ['{"seconds":"1"}', "invalid_field seconds"],
    ["{}", "invalid_field"],
  ])("[T5] refuses %s: %s", (text, expected) => {
    expect(take(visits, text)).toBe(expected);
  });
});

it("[T5][F1] stores whatever it accepts as a frame can carry it, and harms no prototype", () => {
  const key = fc.constantFrom(
    "a",
    "b",
    "ts",
    "sku",
    "left",
    "note",
    "page",
    "$delete",
    "__proto__",
    "constructor",
  );
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.bigInt(), fc.string());
  const channel = fc.constantFrom<Channel>(gauges, stock, visits);
  fc.assert(
    fc.property(channel, fc.array(fc.tuple(key, value), { maxLength: 4 }), (channel, entries) => {
      const body = entries.map(([k, v]) => `"${k}":${typeof v === "bigint" ? v : JSON.stringify(v)}`);
      const taken = take(channel, `{${body.join(",")}}`);
      if (typeof taken === "string") expect(taken).toMatch(/^(invalid_field|future_timestamp)/);
      else
        expect(updateSchema.parse({ id: "1-0", ...(taken as object) })).toEqual({
          id: "1-0",
          ...(taken as object),
        });
      expect(Object.prototype).not.toHaveProperty("a");
      expect(({} as { left?: unknown }).left).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
