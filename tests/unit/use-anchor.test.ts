// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { orderRows } from "@/components/tables/table-order";
import { shapeOfTable } from "@/components/tables/table-shape";
import { parseView } from "@/components/tables/table-view";
import { useAnchor } from "@/components/tables/use-anchor";
import { regions } from "@/lib/channels/regions";

const ROW = 40;
const shape = shapeOfTable(regions.table);
const view = parseView(new URLSearchParams(), shape);
const place = { locale: "en", timeZone: "UTC" };

/** Rows by number, in the order of their numbers. */
function ordered(numbers: readonly number[]) {
  const names = numbers.map((n) => `R${String(n).padStart(4, "0")}`);
  return orderRows(Object.fromEntries(names.map((region) => [region, { region }])), view, shape, place);
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** As high as ten rows. It scrolls as in a browser: between its ends, and tells of it later. */
class Box extends EventTarget {
  readonly clientHeight = 10 * ROW;
  rows = 0;
  private top = 0;
  get scrollHeight() {
    return Math.max(10, this.rows) * ROW;
  }
  get scrollTop() {
    return Math.min(this.top, this.scrollHeight - this.clientHeight);
  }
  set scrollTop(to: number) {
    this.top = to;
    this.top = Math.max(0, this.scrollTop);
  }
}

function show(first: readonly number[]) {
  const box = new Box();
  const ref = { current: box as unknown as HTMLDivElement };
  const use = (rows: readonly number[]) => {
    box.rows = rows.length;
    useAnchor(ref, ordered(rows), ROW, false);
  };
  const { rerender } = renderHook(use, { initialProps: first });
  return {
    scrollTo: (row: number) => {
      box.scrollTop = row * ROW;
    },
    tell: () => box.dispatchEvent(new Event("scroll")),
    update: (rows: readonly number[]) => rerender(rows),
    at: () => box.scrollTop / ROW,
  };
}

it("rows that come above those in sight leave them where they are", () => {
  const table = show(numbers(100, 199));
  table.scrollTo(50);
  table.tell();
  table.update([1, 2, ...numbers(100, 199)]);
  expect(table.at()).toBe(52);
});

it("a reader who has just scrolled is not taken back by news that come before the browser tells of it", () => {
  const table = show(numbers(100, 199));
  table.scrollTo(50);
  table.tell();
  table.scrollTo(90);
  table.update([1, ...numbers(100, 199)]);
  expect(table.at()).toBe(91);
  table.tell();
  table.scrollTo(0);
  table.update([1, 2, ...numbers(100, 199)]);
  expect(table.at()).toBe(0);
  // At the top new rows push the others down.
  table.tell();
  table.update([1, 2, 3, ...numbers(100, 199)]);
  expect(table.at()).toBe(0);
});

it("where rows above go and the browser has to scroll back, those in sight stay", () => {
  const table = show(numbers(100, 199));
  table.scrollTo(88);
  table.tell();
  table.update(numbers(105, 199));
  expect(table.at()).toBe(83);
  table.tell();
  table.update(numbers(110, 199));
  expect(table.at()).toBe(78);
});
