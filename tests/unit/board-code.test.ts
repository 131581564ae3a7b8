import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channels } from "@/lib/channels/registry";
import { type Board, MAX_NAME, MAX_WIDGETS, type Widget } from "@/lib/shared/boards/board";
import { readBoard, writeBoard } from "@/lib/shared/boards/board-code";
import { catalogueOf } from "@/lib/shared/boards/catalogue";
import { added } from "@/lib/shared/boards/layout";
import { boards } from "@/tests/support/board-arbitraries";

const card = (of: string, rest: Partial<Widget> = {}): Widget => ({
  ...{ kind: "card", channel: "business", of: [of], x: 0, w: 3, h: 4 },
  ...rest,
});
const code = (widgets: string) => `1*Shop*${widgets}${(widgets.split("*").length - 1).toString(36)}`;

describe("a board's code", () => {
  it("is the same board again", () => {
    fc.assert(
      fc.property(boards, (board) => {
        expect(readBoard(writeBoard(board))).toEqual(board);
      }),
    );
  });

  it("has only what stays as it is in a query and in a cookie", () => {
    fc.assert(
      fc.property(boards, (board) => {
        const text = writeBoard(board);
        expect(new URLSearchParams({ b: text }).toString()).toBe(`b=${text}`);
        expect(text).not.toMatch(/[;, "\\]/);
      }),
    );
  });

  it("of a full board of all that there is stays below 2000 characters", () => {
    // The longest ones.
    const picks = catalogueOf(channels)
      .flatMap(({ entries }) => entries.flatMap((entry) => entry.picks))
      .toSorted((a, b) => b.of.join().length - a.of.join().length)
      .slice(0, MAX_WIDGETS);
    const widgets = picks.reduce<Widget[]>((all, pick) => added(all, pick), []);
    expect(widgets).toHaveLength(MAX_WIDGETS);
    expect(writeBoard({ name: "x".repeat(MAX_NAME), widgets }).length).toBeLessThan(2000);
  });

  it("stays what it was: links are kept", () => {
    const board: Board = {
      name: "Shop, now",
      widgets: [
        card("revenue", { title: "Money in" }),
        { kind: "line", channel: "infrastructure", of: ["cpu", "memory"], x: 3, w: 9, h: 10 },
        { kind: "table", channel: "regions", of: [], x: 0, w: 12, h: 7 },
      ],
    };
    const text =
      "1*Shop_18__w_now*n034.business.revenue..Money_w_in*l39a.infrastructure.cpu.memory*t0c7.regions*3";
    expect(writeBoard(board)).toBe(text);
    expect(readBoard(text)).toEqual(board);
  });

  it("that was cut off anywhere is none", () => {
    const whole = writeBoard({ name: "Shop", widgets: [card("revenue"), card("orders", { x: 3 })] });
    const parts = Array.from({ length: whole.length }, (_, i) => whole.slice(0, i));
    expect(parts.filter((part) => readBoard(part))).toEqual([]);
  });

  it.each([
    "",
    "*",
    "1*",
    "1**",
    "1**0",
    "2*Shop*0",
    "1*_w_*0",
    "1*Shop*1",
    `1*${"x".repeat(MAX_NAME + 1)}*0`,
    code("n034.business*"),
    code("n034.business.*"),
    code("n034.business.a.b*"),
    code("n034.business.a..*"),
    code("n034.business.a..b.c*"),
    code("n034.Business.a*"),
    code("q034.business.a*"),
    code("na34.business.a*"),
    code("n004.business.a*"),
    code("n03z.business.a*"),
    code("n034.business.a*n334.business.a*"),
    code("l034.business.a.b.c.d.e.f.g.h*"),
    code(Array.from({ length: MAX_WIDGETS + 1 }, (_, i) => `n034.business.m${i}*`).join("")),
    code(`n034.business.${"a".repeat(30_000)}*`),
    code("n034.business._zzzzz_*").replace("*n", "*\u0000n"),
    "%5B%7B%22name%22%3A1%7D%5D",
    '{"name":"Shop"}',
  ])("%s is none", (text) => {
    expect(readBoard(text)).toBeUndefined();
  });

  it("of anything never throws", () => {
    const pieces = fc.array(fc.constantFrom("1", "*", ".", "_", "n034", "business", "a", "zzzzz", "..", "é"));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((all) => all.join("")),
        ),
        (text) => void readBoard(text),
      ),
    );
  });
});
