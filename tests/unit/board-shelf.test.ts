import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Board, MAX_NAME, MAX_WIDGETS, type Pick } from "@/lib/shared/boards/board";
import { writeBoard } from "@/lib/shared/boards/board-code";
import { added } from "@/lib/shared/boards/layout";
import {
  currentBoard,
  MAX_BOARDS,
  renamed,
  type Shelf,
  withBoard,
  withBoardBack,
  withoutBoard,
  withPick,
  withWidgets,
} from "@/lib/shared/boards/shelf";
import { readShelf, writeShelf } from "@/lib/shared/boards/shelf-text";
import { shownBoard } from "@/lib/shared/boards/shown-board";
import { boards } from "@/tests/support/board-arbitraries";

const pick = (name: string): Pick => ({ kind: "card", channel: "business", of: [name] });
const board = (name: string): Board => ({ name, widgets: added([], pick("revenue")) });
const shelfOf = (...names: string[]): Shelf => ({
  boards: names.map((name) => ({ ...board(name), id: name })),
  current: names[0],
});
const namesIn = (shelf: Shelf | string) =>
  typeof shelf === "string" ? shelf : shelf.boards.map(({ name }) => name).join();

describe("the boards of a browser", () => {
  it("are the same again after they were stored", () => {
    fc.assert(
      fc.property(fc.array(boards, { minLength: 1, maxLength: MAX_BOARDS }), (all) => {
        const shelf = { boards: all.map((one, i) => ({ ...one, id: `b${i}` })), current: "b0" };
        expect(readShelf(writeShelf(shelf))).toEqual({ shelf, isWhole: true });
      }),
    );
  });

  it.each([
    "",
    "null",
    "[]",
    "{",
    "{}",
    '{"boards":1}',
    '{"boards":[{"id":1,"code":"1*A*0"}]}',
    `{"boards":[{"id":"${"x".repeat(41)}","code":"1*A*0"}]}`,
  ])("%s in the storage is no board, and said to be unreadable", (text) => {
    expect(readShelf(text)).toEqual({ shelf: { boards: [] }, isWhole: false });
  });

  it("that can be read stay when others cannot", () => {
    const text = JSON.stringify({
      current: "gone",
      boards: [
        { id: "a", code: "1*A*1" },
        { id: "b", code: writeBoard(board("B")) },
      ],
    });
    const { shelf, isWhole } = readShelf(text);
    expect(namesIn(shelf)).toBe("B");
    expect(isWhole).toBe(false);
    expect(currentBoard(shelf)?.id).toBe("b");
  });

  it("are limited in number, whatever the storage holds", () => {
    const many = Array.from({ length: MAX_BOARDS + 1 }, (_, i) => ({ id: `${i}`, code: "1*A*0" }));
    const { shelf, isWhole } = readShelf(JSON.stringify({ boards: many }));
    expect(shelf.boards).toHaveLength(MAX_BOARDS);
    expect(isWhole).toBe(false);
    expect(withBoard(shelf, board("One more"), "new")).toBe("There are as many boards as are kept.");
    expect(withBoardBack(shelf, { ...board("One more"), id: "new" }, 0)).toBe(
      "There are as many boards as are kept.",
    );
  });

  it("have names of their own", () => {
    let shelf = shelfOf("Shop");
    for (const id of ["b", "c"]) shelf = withBoard(shelf, board("Shop"), id) as Shelf;
    expect(namesIn(shelf)).toBe("Shop,Shop 2,Shop 3");
    expect(shelf.current).toBe("c");
    const long = "x".repeat(MAX_NAME);
    const both = withBoard(shelfOf(long), board(long), "b") as Shelf;
    expect(both.boards[1]!.name).toBe(`${"x".repeat(MAX_NAME - 2)} 2`);
  });

  it("leave the one beside when one is deleted, and it comes back where it was", () => {
    const shelf = { ...shelfOf("a", "b", "c"), current: "b" };
    const left = withoutBoard(shelf, "b");
    expect(left).toMatchObject({ current: "c" });
    expect(withBoardBack(left, shelf.boards[1]!, 1)).toEqual(shelf);
    // Doing it twice doubles nothing.
    expect(namesIn(withBoardBack(shelf, shelf.boards[1]!, 1))).toBe("a,b,c");
    expect(withoutBoard({ ...shelf, current: "c" }, "c").current).toBe("b");
    expect(currentBoard(withoutBoard(shelfOf("a"), "a"))).toBeUndefined();
    expect(withoutBoard(shelf, "a").current).toBe("b");
  });

  it("keep their name when they would get none", () => {
    expect(namesIn(renamed(shelfOf("a"), "a", "  "))).toBe("a");
    expect(namesIn(renamed(shelfOf("a"), "a", " Shop  floor "))).toBe("Shop  floor");
    const cut = renamed(shelfOf("a"), "a", `${"x".repeat(MAX_NAME - 1)} y`);
    expect(namesIn(cut)).toBe("x".repeat(MAX_NAME - 1));
  });

  it("change alone", () => {
    const shelf = withWidgets(shelfOf("a", "b"), "b", () => []);
    expect(shelf.boards.map(({ widgets }) => widgets.length)).toEqual([1, 0]);
  });

  it("take a widget once each, up to a limit; the first one makes a board", () => {
    const first = withPick({ boards: [] }, pick("revenue"), "new") as Shelf;
    expect(first).toMatchObject({
      current: "new",
      boards: [{ name: "My board", widgets: [pick("revenue")] }],
    });
    expect(withPick(first, { ...pick("revenue"), title: "Money" }, "x")).toBe("It is on the board.");
    let shelf = first;
    for (let i = 1; i < MAX_WIDGETS; i++) shelf = withPick(shelf, pick(`m${i}`), "x") as Shelf;
    expect(shelf.boards).toHaveLength(1);
    expect(withPick(shelf, pick("more"), "x")).toBe("The board is full.");
  });
});

describe("the board of a request", () => {
  const [link, own] = ["Theirs", "Mine"].map((name) => writeBoard(board(name)));

  it("is the link's, else the browser's", () => {
    expect(shownBoard(link, own)).toMatchObject({ from: "link", code: link, board: { name: "Theirs" } });
    expect(shownBoard(undefined, own)).toMatchObject({ from: "browser", code: own, isBroken: false });
    expect(shownBoard(undefined, undefined)).toEqual({ from: "nowhere", isBroken: false });
  });

  it("is the browser's, and said so, when a link holds none", () => {
    for (const broken of ["", "x", link!.slice(0, -2), "%"])
      expect(shownBoard(broken, own)).toMatchObject({ from: "browser", isBroken: true });
    expect(shownBoard("x", undefined)).toEqual({ from: "nowhere", isBroken: true });
  });

  it("is none when the cookie holds none, without a word: the browser's storage knows better", () => {
    expect(shownBoard(undefined, "garbage")).toEqual({ from: "nowhere", isBroken: false });
  });
});
