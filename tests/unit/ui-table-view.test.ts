import { describe, expect, it } from "vitest";
import { cellText } from "@/components/tables/cell-text";
import { MAX_SHOWN, parseView, viewRows, writeView } from "@/components/tables/table-view";
import type { Row } from "@/lib/shared/define-channel";

const columns = ["region", "orders"];
const parse = (query: string) => parseView(new URLSearchParams(query), "regions", columns, "region");
const rows: Record<string, Row> = {
  North: { region: "North", orders: null },
  east: { region: "east", orders: 3 },
  "South 10": { region: "South 10", orders: 12 },
  "South 9": { region: "South 9", orders: 3 },
};
const keys = (query: string) => viewRows(rows, parse(query), "en").shown.map(([key]) => key);

describe("a table's view", () => {
  it("is read from the URL, and what does not fit is left out", () => {
    expect(parse("regions.sort=-orders&regions.filter=no")).toEqual({
      column: "orders",
      descending: true,
      filter: "no",
    });
    for (const query of ["", "regions.sort=-__proto__", "other.sort=orders"])
      expect(parse(query)).toEqual({ column: "region", descending: false, filter: "" });
    expect(parse(`regions.filter=${"x".repeat(500)}`).filter).toHaveLength(100);
  });

  it("survives being written to a URL, which keeps what is not the table's", () => {
    const view = { column: "orders", descending: true, filter: "a&b=c" };
    const written = writeView(new URLSearchParams("kiosk=1"), "regions", "region", view);
    expect(written.get("kiosk")).toBe("1");
    expect(parse(written.toString())).toEqual(view);
    const back = writeView(written, "regions", "region", { column: "region", descending: false, filter: "" });
    expect(back.toString()).toBe("kiosk=1");
  });

  it("sorts by the key unless asked otherwise, as people count", () => {
    expect(keys("")).toEqual(["east", "North", "South 9", "South 10"]);
    expect(keys("regions.sort=-region")).toEqual(["South 10", "South 9", "North", "east"]);
  });

  it("keeps rows without a value last, and equal ones in the order of their keys", () => {
    expect(keys("regions.sort=orders")).toEqual(["east", "South 9", "South 10", "North"]);
    expect(keys("regions.sort=-orders")).toEqual(["South 10", "east", "South 9", "North"]);
  });

  it("filters by any cell, and shows a bounded number", () => {
    expect(keys("regions.filter=SOUTH")).toEqual(["South 9", "South 10"]);
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`r${i}`, { region: `r${i}` }]));
    const { shown, matching } = viewRows(many, parse(""), "en");
    expect([shown.length, matching]).toEqual([MAX_SHOWN, 1000]);
  });
});

it("cellText reads each kind of cell, and a missing one as a dash", () => {
  const place = { locale: "en-GB", timeZone: "Europe/Berlin" };
  const number = { title: "", type: "number", unit: "currency", currency: "EUR", digits: 2 } as const;
  const text = { title: "", type: "text" } as const;
  expect(cellText(49.9, number, place)).toBe("€49.90");
  expect(cellText(Date.UTC(2026, 0, 1, 12), { title: "", type: "time" }, place)).toBe("13:00:00");
  expect([true, "x", null, undefined, "", 0].map((cell) => cellText(cell, text, place))).toEqual([
    "Yes",
    "x",
    "–",
    "–",
    "–",
    "0",
  ]);
});
