import { expect, it } from "vitest";
import { sqlCell } from "@/lib/server/sources/postgres/sql-cell";

it.each([
  ["12.50", "number", 12.5],
  ["-3", "number", -3],
  ["9007199254740991", "number", 9007199254740991],
  [true, "number", 1],
  ["NaN", "number", null],
  [Number.POSITIVE_INFINITY, "number", null],
  [null, "number", null],
  [new Date(5), "time", 5],
  // Ms in a bigint or a numeric come as text.
  ["1767323045000", "time", 1767323045000],
  ["2026", "time", 2026],
  ["2026-01-02", "time", Date.UTC(2026, 0, 2)],
  ["infinity", "time", null],
  [Number.NEGATIVE_INFINITY, "time", null],
  [{ a: [1] }, "text", '{"a":[1]}'],
  [new Date(0), "text", "1970-01-01T00:00:00.000Z"],
  [7, "text", "7"],
] as const)("%j as %s is %j", (value, type, cell) => {
  expect(sqlCell(value, type)).toBe(cell);
});

it.each([
  ["9007199254740992", "number", "is beyond the exact integers"],
  ["much", "number", "is not a number"],
  ["", "number", "is not a number"],
  ["9007199254740992", "time", "is beyond the exact integers"],
  ["soon", "time", "is not a time"],
] as const)("%j as %s is refused in words", (value, type, words) => {
  expect(() => sqlCell(value, type)).toThrow(words);
});
