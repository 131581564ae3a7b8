import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anchorShift } from "@/components/tables/anchor";
import { columnLengths, placeColumns } from "@/components/tables/column-layout";
import { rowAfterKey, scrollToRow } from "@/components/tables/row-keys";
import { csvFileName, csvRows } from "@/components/tables/table-csv";
import { type Ordered, orderRows } from "@/components/tables/table-order";
import { type Entry, shapeOfFeed, shapeOfTable } from "@/components/tables/table-shape";
import { parseView } from "@/components/tables/table-view";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { toCsv } from "@/lib/shared/csv";
import type { Cell, Row } from "@/lib/shared/define-channel";

const place = { locale: "en", timeZone: "UTC" };
const shape = shapeOfTable(regions.table);
const view = (query: string) => parseView(new URLSearchParams(query), shape);
const rows: Record<string, Row> = {
  North: { region: "North", orders: null },
  east: { region: "east", orders: 3, revenue: 1840 },
  "South 10": { region: "South 10", orders: 12, revenue: 20 },
  "South 9": { region: "South 9", orders: 3, change: -4.5 },
};
const keysOf = ({ entries }: Ordered) => entries.map(([key]) => key);
const keys = (query: string) => keysOf(orderRows(rows, view(query), shape, place));
const row = (orders: Cell): Row => ({ region: "r", orders });

describe("rows", () => {
  it("are in the order of their keys unless asked otherwise, as people count", () => {
    expect(keys("")).toEqual(["east", "North", "South 9", "South 10"]);
    expect(keys("regions.sort=-region")).toEqual(["South 10", "South 9", "North", "east"]);
  });

  it("without a value come last either way, and equal ones in the order of their keys", () => {
    expect(keys("regions.sort=orders")).toEqual(["east", "South 9", "South 10", "North"]);
    expect(keys("regions.sort=-orders")).toEqual(["South 10", "east", "South 9", "North"]);
  });

  it("are ordered by a second column where the first is equal", () => {
    expect(keys("regions.sort=orders+-region")).toEqual(["South 9", "east", "South 10", "North"]);
  });

  it("with values of several kinds have one order: numbers, words, nothing", () => {
    const mixed = {
      a: row("10"),
      b: row(9),
      c: row(null),
      d: row(true),
      e: row(100),
      f: row(""),
      g: row("9"),
    };
    const order = (sort: string) => keysOf(orderRows(mixed, view(`regions.sort=${sort}`), shape, place));
    expect(order("orders")).toEqual(["b", "e", "g", "a", "d", "c", "f"]);
    expect(order("-orders")).toEqual(["d", "a", "g", "e", "b", "c", "f"]);
  });

  it("whose keys are the same number are still two", () => {
    const twins = { "1": row(1), "01": row(1) };
    expect(keysOf(orderRows(twins, view(""), shape, place))).toEqual(["01", "1"]);
  });

  it("of a feed are newest first, also within a millisecond", () => {
    const feed = shapeOfFeed(orders.feed);
    const items = Object.fromEntries(
      [
        ["8-0.0", 8],
        ["9-0.2", 9],
        ["9-0.10", 9],
        ["7-0.0", 20],
      ].map(([key, ts]) => [key, { ts } as Row]),
    );
    const asked = parseView(new URLSearchParams(), feed);
    expect(keysOf(orderRows(items, asked, feed, place))).toEqual(["7-0.0", "9-0.10", "9-0.2", "8-0.0"]);
  });

  it("are filtered by any shown cell, or by one column", () => {
    expect(keys("regions.filter=SOUTH")).toEqual(["South 9", "South 10"]);
    expect(keys("regions.filter=184")).toEqual(["east"]);
    expect(keys("regions.filter=184&regions.columns=region+orders")).toEqual([]);
    expect(keys("regions.filter.orders=1")).toEqual(["South 10"]);
    expect(keys("regions.filter.region=th&regions.filter.orders=3")).toEqual(["South 9"]);
  });

  it("are filtered by size in a column of numbers", () => {
    const filtered = (filter: string) =>
      keys(new URLSearchParams({ "regions.filter.orders": filter }).toString());
    expect(filtered("> 3")).toEqual(["South 10"]);
    expect(filtered(">=3")).toEqual(["east", "South 9", "South 10"]);
    expect(filtered("<12")).toEqual(["east", "South 9"]);
    expect(filtered("=12")).toEqual(["South 10"]);
    expect(filtered("4 .. 12")).toEqual(["South 10"]);
    expect(keys("regions.filter.change=%3C-4")).toEqual(["South 9"]);
  });

  it("that are followed change by change are those that are ordered at once", () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 60 }).map((n) => `row ${n}`),
      orders: fc.option(fc.integer({ min: 0, max: 9 })),
      isGone: fc.boolean(),
    });
    const queries = [
      "",
      "regions.sort=-orders",
      "regions.filter=3",
      "regions.filter.orders=>4&regions.sort=orders",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 60, size: "max" }),
        fc.constantFrom(...queries),
        (steps, query) => {
          const asked = view(query);
          let current: Record<string, Row> = {};
          let ordered: Ordered | undefined;
          for (const step of steps) {
            current = { ...current };
            for (const { key, orders, isGone } of step) {
              if (isGone) delete current[key];
              else current[key] = { region: key, orders };
            }
            ordered = orderRows(current, asked, shape, place, ordered);
            const anew = orderRows(current, asked, shape, place);
            expect(ordered.entries).toEqual(anew.entries);
            expect(ordered.total).toBe(Object.keys(current).length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("that did not change are the very same entries", () => {
    const asked = view("");
    const before = orderRows(rows, asked, shape, place);
    expect(orderRows(rows, asked, shape, place, before)).toBe(before);
    expect(orderRows({ ...rows }, asked, shape, place, before).entries).toBe(before.entries);
    const after = orderRows({ ...rows, east: { ...rows.east!, orders: 4 } }, asked, shape, place, before);
    expect(after.entries[1]).toBe(before.entries[1]);
    expect(after.entries[0]).not.toBe(before.entries[0]);
  });
});

describe("what the reader sees stays", () => {
  const entries = (...names: (string | number)[]): Entry[] => names.map((name) => [String(name), {}]);
  const before = entries(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);

  it("as far as rows come and go above it", () => {
    expect(anchorShift(before, entries("a", "b", ...[0, 1, 2, 3, 4, 5, 6]), 4, 3)).toBe(2);
    expect(anchorShift(before, entries(2, 3, 4, 5, 6, 7), 4, 3)).toBe(-2);
    expect(anchorShift(before, entries(0, 1, 2, 3, 4, 5, 6, "a"), 4, 3)).toBe(0);
  });

  it("while one of the rows on the screen moves far away or goes", () => {
    expect(anchorShift(before, entries(4, 0, 1, 2, 3, 5, 6, 7, 8, 9), 4, 3)).toBe(0);
    expect(anchorShift(before, entries(0, 1, 2, 3, 5, 6, 7, 4), 4, 3)).toBe(-1);
    expect(anchorShift(before, entries(0, 1, 2, 3, 4, "a", "b", 5, 6), 4, 3)).toBe(2);
  });

  it("by the shorter way when the rows on the screen disagree, and where it is when none is left", () => {
    expect(anchorShift(before, entries("a", "b", "c", 5, 0, 1, 2, 3, 4), 4, 2)).toBe(-2);
    expect(anchorShift(before, entries(4, "a", "b", "c", "d", "e", 5), 4, 2)).toBe(1);
    expect(anchorShift(before, entries("a", "b"), 4, 3)).toBe(0);
    expect(anchorShift([], entries("a", "b"), 0, 3)).toBe(0);
  });
});

describe("keys", () => {
  it("move by row, by page and to the ends, and not beyond", () => {
    const from = (key: string, index = 50) => rowAfterKey(key, index, 100, 11);
    expect(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map((key) => from(key))).toEqual([
      51, 49, 60, 40, 0, 99,
    ]);
    expect([from("ArrowDown", 99), from("PageDown", 95), from("ArrowUp", 0), from("PageUp", 3)]).toEqual([
      99, 99, 0, 0,
    ]);
    expect([from("x"), from("toString"), from("Enter")]).toEqual([undefined, undefined, undefined]);
  });

  it("scroll as little as possible", () => {
    expect(scrollToRow(5, 100, 400, 40)).toBe(100);
    expect(scrollToRow(1, 100, 400, 40)).toBe(40);
    expect(scrollToRow(20, 100, 400, 40)).toBe(440);
  });
});

describe("a CSV file", () => {
  const columns = [
    { name: "region", title: "Region", type: "text" },
    { name: "at", title: "At", type: "time" },
    { name: "revenue", title: "Revenue", type: "number", unit: "currency", digits: 0 },
  ] as const;

  it("has the shown columns as they are: numbers unrounded, times with their zone, and no formulas", () => {
    const entries: Entry[] = [
      ["a", { region: "=1+1", at: Date.UTC(2026, 10, 25, 12), revenue: 12345.678, hidden: "no" }],
      ["b", { region: null, at: null, revenue: -5 }],
    ];
    expect(toCsv(csvRows(columns, entries))).toBe(
      "Region,At,Revenue\r\n'=1+1,2026-11-25T12:00:00.000Z,12345.678\r\n,,-5\r\n",
    );
  });

  it("is named after its channel and the second", () => {
    const name = csvFileName("connections", Date.UTC(2026, 10, 25, 12, 0, 0, 999));
    expect(name).toBe("connections-2026-11-25T12-00-00Z.csv");
  });
});

describe("columns", () => {
  it("grow with their cells and never shrink", () => {
    const first = columnLengths(shape, { a: { region: "Nord" } }, place, undefined);
    const longer = columnLengths(shape, { a: { region: "Nordrhein-Westfalen" } }, place, undefined, first);
    expect([first.region, longer.region]).toEqual([4, 19]);
    expect(columnLengths(shape, rows, place, undefined, longer)).toBe(longer);
  });

  it("that are pinned come first, each where those before it end", () => {
    const lengths = columnLengths(shape, rows, place, undefined);
    const placed = placeColumns(shape, { columns: undefined, pinned: ["orders", "change", "no"] }, lengths);
    expect(placed.map(({ name }) => name)).toEqual(["orders", "change", "region", "revenue"]);
    expect(placed.map(({ isEdge }) => isEdge)).toEqual([false, true, false, false]);
    expect(placed[0]!.left).toBe("calc(0px)");
    expect(`calc(0px + ${placed[0]!.width.slice("calc(".length)}`).toBe(placed[1]!.left);
    expect(placed[2]!.left).toBeUndefined();
    const withoutChoice = shapeOfTable(regions.table, undefined, ["region"]);
    const isOnPhone = (columns?: string[]) =>
      placeColumns(withoutChoice, { columns, pinned: [] }, lengths).map((column) => column.isOnPhone);
    expect(isOnPhone()).toEqual([true, false, false, false]);
    expect(isOnPhone(["region", "orders"])).toEqual([true, true]);
  });
});
