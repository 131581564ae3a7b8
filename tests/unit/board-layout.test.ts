import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  COLUMNS,
  isNumber,
  KINDS,
  MAX_HEIGHT,
  SIZES,
  type Widget,
  widgetId,
} from "@/lib/shared/boards/board";
import {
  added,
  flowSpans,
  inReadingOrder,
  moved,
  type Placed,
  resized,
  settle,
  stepped,
  swapped,
} from "@/lib/shared/boards/layout";
import { widgetLists } from "@/tests/support/board-arbitraries";

const one = (name: string, x: number, w: number, h = 4): Widget => ({
  ...{ kind: "card", channel: "shop", of: [name], x, w, h },
});
const names = (widgets: readonly Widget[]) => widgets.map(({ of }) => of[0]).join("");
const places = (widgets: readonly Widget[]) =>
  settle(widgets).map(({ of, x, y, w, h }) => `${of[0]} ${x},${y} ${w}×${h}`);

function overlap(a: Placed, b: Placed): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** A list of at least one widget, and the place of one of them. */
const oneOfSome = widgetLists(1).chain((widgets) =>
  fc.record({ widgets: fc.constant(widgets), index: fc.nat(widgets.length - 1) }),
);

describe("the layout of a board", () => {
  it("never lets two widgets overlap or stand beside the board, however they are arranged", () => {
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom("move", "size", "step", "swap", "add"),
        index: fc.nat(),
        a: fc.integer({ min: -3, max: 30 }),
        b: fc.integer({ min: -3, max: 60 }),
        direction: fc.constantFrom(1 as const, -1 as const),
        kind: fc.constantFrom(...KINDS),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(widgetLists(1), steps, (start, all) => {
        let widgets: readonly Widget[] = start;
        for (const { what, index, a, b, direction, kind } of all) {
          const at = index % widgets.length;
          if (what === "move") widgets = moved(widgets, at, a, b);
          else if (what === "size") widgets = resized(widgets, at, a, b);
          else if (what === "step") widgets = stepped(widgets, at, direction);
          else if (what === "swap") widgets = swapped(widgets, at, direction);
          else widgets = added(widgets, { kind, channel: "new", of: [`${widgets.length}`] });
          const placed = settle(widgets);
          for (const [i, widget] of placed.entries()) {
            expect(widget.x).toBeGreaterThanOrEqual(0);
            expect(widget.x + widget.w).toBeLessThanOrEqual(COLUMNS);
            for (const other of placed.slice(i + 1)) expect(overlap(widget, other)).toBe(false);
          }
        }
      }),
    );
  });

  it("lets none hang in the air: each stands at the top or on another", () => {
    fc.assert(
      fc.property(widgetLists(), (widgets) => {
        const placed = settle(widgets);
        for (const { x, w, y } of placed)
          if (y > 0)
            expect(placed.some((on) => on.y + on.h === y && on.x < x + w && x < on.x + on.w)).toBe(true);
      }),
    );
  });

  it("keeps every widget where it stands when they are put in reading order", () => {
    fc.assert(
      fc.property(widgetLists(), (widgets) => {
        const ordered = inReadingOrder(widgets);
        expect(places(ordered).toSorted()).toEqual(places(widgets).toSorted());
        expect(inReadingOrder(ordered)).toEqual(ordered);
      }),
    );
  });

  it("loses and doubles none, and changes the size of none that was not asked for", () => {
    fc.assert(
      fc.property(oneOfSome, fc.nat(20), fc.nat(60), ({ widgets, index }, a, b) => {
        const size = ({ w, h, ...rest }: Widget) => `${widgetId(rest)} ${w} ${h}`;
        const sizes = (list: readonly Widget[]) => list.map(size).toSorted();
        expect(sizes(moved(widgets, index, a, b))).toEqual(sizes(widgets));
        for (const direction of [1, -1] as const) {
          expect(sizes(stepped(widgets, index, direction))).toEqual(sizes(widgets));
          expect(sizes(swapped(widgets, index, direction))).toEqual(sizes(widgets));
        }
      }),
    );
  });

  it("puts a new one where it is highest and farthest left", () => {
    const row = [one("a", 0, 3), one("b", 3, 3), one("c", 6, 3)];
    expect(places(added(row, { kind: "card", channel: "shop", of: ["d"] })).at(-1)).toBe("d 9,0 3×4");
    const full = [...row, one("d", 9, 3, 8)];
    const next = added(full, { kind: "line", channel: "shop", of: ["e"] });
    expect(places(next).at(-1)).toBe("e 0,4 6×6");
  });

  it("moves one past those whose middle it has passed, and the others make room", () => {
    const column = [one("a", 0, 6), one("b", 0, 6), one("c", 6, 6, 8)];
    expect(names(moved(column, 0, 0, 1))).toBe("acb");
    expect(places(moved(column, 0, 0, 2))).toEqual(["b 0,0 6×4", "c 6,0 6×8", "a 0,4 6×4"]);
    expect(places(moved(column, 0, 6, 0))).toEqual(["b 0,0 6×4", "a 6,0 6×4", "c 6,4 6×8"]);
    // Beyond the edges is at the edge.
    expect(places(moved(column, 2, -9, 99)).at(-1)).toBe("c 0,8 6×8");
  });

  it("steps past the next one above or below, and nowhere when there is none", () => {
    const widgets = [one("a", 0, 6), one("b", 6, 6), one("c", 0, 6), one("d", 6, 6)];
    expect(names(stepped(widgets, 0, 1))).toBe("cbad");
    expect(names(stepped(widgets, 3, -1))).toBe("adcb");
    expect(stepped(widgets, 0, -1)).toBe(widgets);
    expect(stepped(widgets, 2, 1)).toBe(widgets);
  });

  it("moves up and down in the order of reading, where those side by side change sides", () => {
    const widgets = [one("a", 0, 4), one("b", 4, 8), one("c", 0, 12)];
    expect(places(swapped(widgets, 0, 1))).toEqual(["b 0,0 8×4", "a 8,0 4×4", "c 0,4 12×4"]);
    expect(names(swapped(widgets, 2, -1))).toBe("acb");
    expect(swapped(widgets, 0, -1)).toBe(widgets);
    expect(swapped(widgets, 2, 1)).toBe(widgets);
  });

  it("brings the first to the end by moving it down as often as there are others", () => {
    fc.assert(
      fc.property(widgetLists(2), (start) => {
        let widgets: readonly Widget[] = inReadingOrder(start);
        const id = widgetId(widgets[0]!);
        const at = () => widgets.findIndex((widget) => widgetId(widget) === id);
        for (let i = 0; i < 40 * widgets.length && at() < widgets.length - 1; i++)
          widgets = swapped(widgets, at(), 1);
        expect(at()).toBe(widgets.length - 1);
      }),
    );
  });

  it("keeps a size that can be read, within the board", () => {
    const [widget] = resized([one("a", 6, 3)], 0, 99, 99);
    expect(widget).toMatchObject({ x: 6, w: 6, h: MAX_HEIGHT });
    const { minW, minH } = SIZES.card;
    expect(resized([one("a", 6, 3)], 0, 0, 0)[0]).toMatchObject({ w: minW, h: minH });
  });

  it("fills each line of a narrow screen", () => {
    fc.assert(
      fc.property(widgetLists(), fc.constantFrom(2 as const, 4 as const), (widgets, columns) => {
        let free = columns as number;
        for (const [i, span] of flowSpans(widgets, columns).entries()) {
          expect(span).toBeGreaterThanOrEqual(1);
          expect(span).toBeLessThanOrEqual(free);
          if (columns === 2 && !isNumber(widgets[i]!.kind)) expect(span).toBe(2);
          free = free === span ? columns : free - span;
        }
        expect(free).toBe(columns);
      }),
    );
  });
});
