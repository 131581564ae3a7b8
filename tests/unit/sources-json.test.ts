import { describe, expect, it } from "vitest";
import { jsonCell } from "@/lib/server/sources/http/json-cell";
import { memberPath, valueAt, valuesAt } from "@/lib/server/sources/http/json-path";

describe("a JSONPath", () => {
  it("finds one value, and nothing where there is none", () => {
    const shop = {
      sums: { "a b": [1, 2] },
      parts: [
        { n: "db", ms: 4 },
        { n: "web", ms: 9 },
      ],
    };
    expect(valueAt("$.sums['a b'][-1]")(shop)).toBe(2);
    expect(valueAt(memberPath("sums"))(shop)).toBe(shop.sums);
    expect(valueAt(memberPath("a b"))(shop.sums)).toEqual([1, 2]);
    expect(valueAt('$.parts[?@.n == "web"].ms')(shop)).toBe(9);
    expect(valuesAt("$.parts[*].ms")(shop)).toEqual([4, 9]);
    for (const path of ["$.none", "$.sums.none.more", "$.parts[9].ms", "$.constructor", "$.__proto__"])
      expect(valueAt(path)(shop), path).toBeUndefined();
  });

  it.each(["$.a[*]", "$..a", "$.a[0,1]", "$.a[0:2]", "$.*"])(
    "is refused for a value: %s means many",
    (path) => {
      expect(() => valueAt(path)).toThrow(`${path} can match many values`);
    },
  );

  it("that matches several says how many", () => {
    expect(() => valueAt("$[?@ > 1]")([1, 2, 3])).toThrow("matches 2 values");
  });

  it.each(["a.b", "$.a[", "$.length()", ""])("is refused when it is none: %s", (path) => {
    expect(() => valueAt(path)).toThrow(`${path} is not a JSONPath: `);
    expect(() => valuesAt(path)).toThrow(`${path} is not a JSONPath: `);
  });

  it("is not lost in a document of a hundred thousand levels", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
    expect(valueAt("$.a.b")(deep)).toBeUndefined();
    expect(() => valuesAt("$..b")(deep)).toThrow("recursion limit");
  });
});

describe("a cell", () => {
  it("takes numbers for numbers, and texts only when told to", () => {
    expect([jsonCell(1.5, "number"), jsonCell(null, "number"), jsonCell(undefined, "number")]).toEqual([
      ...[1.5, null, null],
    ]);
    for (const [value, kind] of [
      ["12", "a text"],
      ["n/a", "a text"],
      [true, "true"],
      [[1], "a list"],
      [{}, "an object"],
    ] as const)
      expect(() => jsonCell(value, "number")).toThrow(`is ${kind}, not a number`);
    expect(["12.5", " -3e2 ", ".5"].map((text) => jsonCell(text, "number", true))).toEqual([12.5, -300, 0.5]);
    for (const text of ["", " ", "0x10", "1,5", "12 %", "Infinity", "NaN", "1_000"])
      expect(() => jsonCell(text, "number", true), text).toThrow("is a text, not a number");
  });

  it("takes a date for a time only with its zone", () => {
    expect(jsonCell("2026-03-01T12:00:00Z", "time")).toBe(Date.UTC(2026, 2, 1, 12));
    expect(jsonCell("2026-03-01T12:00:00.5+01:00", "time")).toBe(Date.UTC(2026, 2, 1, 11) + 500);
    expect(jsonCell(1_772_366_400_000, "time")).toBe(1_772_366_400_000);
    for (const text of ["2026-03-01T12:00:00", "2026-03-01", "yesterday", "2026-13-01T12:00:00Z"])
      expect(() => jsonCell(text, "time"), text).toThrow("is a text, not a time");
  });

  it("takes digits for a text, but none that were rounded", () => {
    expect([jsonCell(17, "text"), jsonCell("a", "text"), jsonCell(false, "text")]).toEqual([
      "17",
      "a",
      false,
    ]);
    expect(() => jsonCell(JSON.parse("12345678901234567890"), "text")).toThrow("too long to be read exactly");
    expect(() => jsonCell({}, "text")).toThrow("is an object, not a text");
  });
});
