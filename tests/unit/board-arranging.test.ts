import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ArrowKey,
  isArrow,
  movedByKey,
  placeWords,
  putBack,
  resizedByKey,
  swappedWith,
  without,
} from "@/lib/shared/boards/arranging";
import { MAX_WIDGETS, type Widget, widgetId } from "@/lib/shared/boards/board";
import { settle } from "@/lib/shared/boards/layout";
import { widgetLists } from "@/tests/support/board-arbitraries";

const one = (name: string, x: number, w: number, h = 4): Widget => ({
  ...{ kind: "card", channel: "shop", of: [name], x, w, h },
});
const id = (name: string) => widgetId(one(name, 0, 3));
const board = [one("a", 0, 3), one("b", 3, 3), one("c", 0, 12, 6)];
const places = (widgets: readonly Widget[]) =>
  settle(widgets).map(({ of, x, y, w, h }) => `${of[0]} ${x},${y} ${w}×${h}`);

describe("arranging a board by keys", () => {
  it("moves a column to the side, and past the next one above or below", () => {
    expect(places(movedByKey(id("b"), "ArrowRight")(board))).toEqual([
      "a 0,0 3×4",
      "b 4,0 3×4",
      "c 0,4 12×6",
    ]);
    expect(places(movedByKey(id("a"), "ArrowLeft")(board))).toEqual(places(board));
    expect(places(movedByKey(id("a"), "ArrowDown")(board))).toEqual([
      "b 3,0 3×4",
      "c 0,4 12×6",
      "a 0,10 3×4",
    ]);
    expect(places(movedByKey(id("c"), "ArrowUp")(board))[0]).toBe("c 0,0 12×6");
  });

  it("changes the size by one, within what can be read", () => {
    expect(resizedByKey(id("a"), "ArrowRight")(board)[0]).toMatchObject({ w: 4 });
    expect(resizedByKey(id("b"), "ArrowLeft")(board)[1]).toMatchObject({ w: 2 });
    expect(resizedByKey(id("a"), "ArrowDown")(board)[0]).toMatchObject({ h: 5 });
    expect(resizedByKey(id("a"), "ArrowUp")(board)[0]).toMatchObject({ h: 4 });
  });

  it("can be taken back by the opposite key where it only moved aside", () => {
    const there = movedByKey(id("b"), "ArrowRight")(board);
    expect(places(movedByKey(id("b"), "ArrowLeft")(there))).toEqual(places(board));
  });

  it("leaves a board alone that does not have the widget any more", () => {
    const keys: ArrowKey[] = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
    for (const key of keys)
      for (const change of [movedByKey, resizedByKey]) expect(change(id("gone"), key)(board)).toBe(board);
    expect(swappedWith(id("gone"), 1)(board)).toBe(board);
    expect(without(id("gone"))(board)).toBe(board);
    expect(without(id("b"))(board)).toEqual([board[0], board[2]]);
  });

  it("reaches every column by keys alone", () => {
    fc.assert(
      fc.property(widgetLists(1), (start) => {
        const target = widgetId(start[0]!);
        let widgets: readonly Widget[] = start;
        for (let i = 0; i < 12; i++) widgets = movedByKey(target, "ArrowLeft")(widgets);
        expect(widgets.find((widget) => widgetId(widget) === target)!.x).toBe(0);
        for (let i = 0; i < 12; i++) widgets = movedByKey(target, "ArrowRight")(widgets);
        const { x, w } = widgets.find((widget) => widgetId(widget) === target)!;
        expect(x + w).toBe(12);
      }),
    );
  });

  it("puts one back where it was, once, and only where there is room", () => {
    const back = putBack(board[1]!, 1);
    expect(back(without(id("b"))(board))).toEqual(board);
    expect(back(board)).toBe(board);
    expect(back([])).toEqual([board[1]]);
    const full = Array.from({ length: MAX_WIDGETS }, (_, i) => one(`m${i}`, 0, 3));
    expect(back(full)).toBe(full);
  });

  it("is said in words", () => {
    expect(placeWords(board, id("b"))).toBe("Place 2 of 3: row 1, column 4, 3 columns wide, 4 rows high.");
    expect(placeWords(board, id("c"))).toBe(
      "Place 3 of 3: row 5, column 1, as wide as the board, 6 rows high.",
    );
    expect(placeWords(board, id("gone"))).toBe("");
  });

  it("is by the arrow keys only", () => {
    expect(
      ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Enter", "Arrow", "a"].filter(isArrow),
    ).toHaveLength(4);
  });
});
