import type { Locator, Page } from "playwright/test";
import { expect } from "@/tests/support/fixtures";

export const regionTable = (page: Page): Locator => page.getByTestId("table-regions");
export const box = (table: Locator): Locator => table.getByRole("table").locator("..");
export const row = (table: Locator, key: string): Locator => table.locator(`tr[data-key="${key}"]`);
export const cell = (table: Locator, key: string, column: string): Locator =>
  row(table, key).locator(`[data-column="${column}"]`);
export const shownKeys = (table: Locator): Promise<(string | null)[]> =>
  table.locator("tr[data-key]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-key")));

export const shownColumns = (table: Locator): Promise<(string | null)[]> =>
  table.locator("th").evaluateAll((heads) => heads.map((head) => head.getAttribute("data-column")));

/** Until all rows can be reached: the first screen comes without. */
export async function expectWhole(table: Locator) {
  await expect(table.getByRole("button", { name: "Export" })).toBeEnabled();
}

export const sku = (n: number) => `SKU-${String(n).padStart(5, "0")}`;
export const product = (n: number) => ({
  region: sku(n),
  orders: (n * 7919) % 1000,
  revenue: (n * 104_729) % 1_000_000,
  change: ((n * 31) % 200) / 10 - 10,
});

export type Publish = (channel: string, body: unknown) => Promise<string>;

/** Fills the table with rows of the numbers `from` to `to`. */
export async function fill(publish: Publish, from: number, to: number) {
  for (let n = from; n <= to; n += 1000) {
    const length = Math.min(1000, to - n + 1);
    await publish(
      "regions",
      Array.from({ length }, (_, i) => product(n + i)),
    );
  }
}
