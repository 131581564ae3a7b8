import { describe, expect, it } from "vitest";
import { cellText, cellTitle } from "@/components/tables/cell-text";
import { rowsOfFeed, shapeOfFeed, shapeOfTable } from "@/components/tables/table-shape";
import { ownQuery, parseView, type TableView, writeView } from "@/components/tables/table-view";
import { connections } from "@/lib/channels/connections";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";

const shape = shapeOfTable(regions.table);
const parse = (query: string) => parseView(new URLSearchParams(query), shape);
const standard: TableView = {
  sorts: [{ column: "region", descending: false }],
  filter: "",
  filters: {},
  pinned: ["region"],
};

describe("a table's view", () => {
  it("is read from the URL", () => {
    const query =
      "regions.sort=-orders+region&regions.filter=no&regions.filter.revenue=>10&regions.columns=orders+region&regions.pinned=";
    expect(parse(query)).toEqual({
      sorts: [
        { column: "orders", descending: true },
        { column: "region", descending: false },
      ],
      filter: "no",
      filters: { revenue: ">10" },
      columns: ["region", "orders"],
      pinned: [],
    });
  });

  it("leaves out what does not fit the table", () => {
    for (const query of [
      "",
      "regions.sort=-__proto__",
      "other.sort=orders",
      "regions.sort=",
      "regions.columns=",
      "regions.columns=nothing+toString",
      "regions.filter.nothing=x",
      "regions.filter.orders=",
    ])
      expect(parse(query)).toEqual(standard);
    expect(parse("regions.pinned=region+no+region").pinned).toEqual(["region"]);
    expect(parse("regions.sort=orders+-orders").sorts).toEqual([{ column: "orders", descending: false }]);
    expect(parse("regions.sort=orders+region+revenue+change").sorts).toHaveLength(3);
    expect(parse(`regions.filter=${"x".repeat(500)}`).filter).toHaveLength(100);
    expect(parse(`regions.filter.region=${"x".repeat(500)}`).filters.region).toHaveLength(100);
  });

  it("survives being written to a URL, which keeps what is not the table's", () => {
    const view: TableView = {
      sorts: [
        { column: "orders", descending: true },
        { column: "change", descending: false },
      ],
      filter: "a&b=c d",
      filters: { region: "ö +", orders: ">= 5" },
      columns: ["region", "change"],
      pinned: ["change", "region"],
    };
    const written = writeView(new URLSearchParams("kiosk=1&orders.filter=x"), shape, view);
    expect(parse(written.toString())).toEqual(view);
    expect(parse(ownQuery(written, shape))).toEqual(view);
    expect(ownQuery(new URLSearchParams("kiosk=1&orders.filter=x&regionsx.y=1"), shape)).toBe("");
    expect(writeView(written, shape, standard).toString()).toBe("kiosk=1&orders.filter=x");
  });

  it("shows the columns that its page chose, and offers the others", () => {
    const chosen = shapeOfTable(connections.table, ["page", "connection"]);
    const view = parseView(new URLSearchParams("connections.columns=node+connection"), chosen);
    expect(view.columns).toEqual(["connection", "node"]);
    expect(parseView(new URLSearchParams(), chosen).columns).toBeUndefined();
  });
});

describe("a feed as rows", () => {
  const item = { key: "9-0.0", ts: 9, item: { order: "A", amount: 1 } };

  it("has a column for the time, by which it is ordered, newest first", () => {
    const feed = shapeOfFeed(orders.feed, ["item"]);
    expect(feed.shown).toEqual(["ts", "order", "customer", "region", "item", "quantity", "amount"]);
    expect(feed.onPhone).toEqual(["ts", "item"]);
    expect(parseView(new URLSearchParams(), feed).sorts).toEqual([{ column: "ts", descending: true }]);
  });

  it("gives an item the same row each time", () => {
    const rows = rowsOfFeed([item]);
    expect(rows).toEqual({ "9-0.0": { order: "A", amount: 1, ts: 9 } });
    expect(rowsOfFeed([item, { ...item, key: "9-0.1" }])["9-0.0"]).toBe(rows["9-0.0"]);
  });
});

describe("a cell", () => {
  const place = { locale: "en-GB", timeZone: "Europe/Berlin" };
  const number = { title: "", type: "number", unit: "currency", currency: "EUR", digits: 2 } as const;
  const text = { title: "", type: "text" } as const;
  const time = { title: "", type: "time" } as const;

  it("reads as people write it, and a missing value as a dash", () => {
    expect(cellText(49.9, number, place)).toBe("€49.90");
    expect(cellText(Date.UTC(2026, 0, 1, 12), time, place)).toBe("13:00:00");
    const cells = [true, "x", null, undefined, "", 0].map((cell) => cellText(cell, text, place));
    expect(cells).toEqual(["Yes", "x", "–", "–", "–", "0"]);
  });

  it("has its whole value in a title when it may be cut off or compact", () => {
    expect(cellTitle(123_456.5, number, place)).toBe("€123,456.50");
    expect(cellTitle("a text that is long", text, place)).toBe("a text that is long");
    for (const [value, column] of [
      [9, number],
      ["short", text],
      [Date.now(), time],
      [null, text],
    ] as const)
      expect(cellTitle(value, column, place)).toBeUndefined();
  });
});
