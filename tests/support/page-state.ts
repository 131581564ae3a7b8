import type { Locator, Page } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { orderName, type Producer } from "@/tests/support/producer";
import { expect } from "./fixtures";

export const connection = (page: Page): Locator => page.getByTestId("connection");
export const metric = (page: Page, name: string): Locator => page.getByTestId(`metric-${name}`);
const orders = (page: Page): Locator => page.getByTestId("feed-orders");

/**
 * Waits until the page says that it is live, on the rung if one is given. A busy machine may deliver on a
 * lower rung first; the climb from there takes some ten seconds.
 */
export async function expectLive(page: Page, rung?: Rung, timeout = 30_000) {
  if (rung) await expect(connection(page)).toHaveAttribute("data-transport", rung, { timeout });
  await expect(connection(page)).toHaveAttribute("data-status", "live", { timeout });
}

/** The number of orders that the page shows to have come; 0 before the first. */
export async function shownOrders(page: Page): Promise<number> {
  return Number(await orders(page).getAttribute("data-count"));
}

/** The order of updates is kept while they flow: waits until `more` of them have reached the page. */
export async function expectProgress(page: Page, more: number, timeout = 30_000) {
  const before = await shownOrders(page);
  await expect.poll(() => shownOrders(page), { timeout }).toBeGreaterThanOrEqual(before + more);
}

/**
 * What a person sees of the orders, compared with what ingest acknowledged: how many there were (fewer: some
 * are missing; more: some are doubled), the newest ones in order, and the number on the card.
 */
export async function expectAllOrders(page: Page, acknowledged: number) {
  await expect(orders(page)).toHaveAttribute("data-count", String(acknowledged));
  const items = orders(page).getByRole("listitem");
  const texts = await items.allInnerTexts();
  const newest = texts.map((_, i) => orderName(acknowledged - i));
  expect(texts.length).toBeGreaterThanOrEqual(Math.min(6, acknowledged));
  expect(texts.map((text) => /N-\d{5}/.exec(text)?.[0])).toEqual(newest);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", String(acknowledged));
  // It must not be a passing moment: nothing comes on top.
  await expect(orders(page)).toHaveAttribute("data-count", String(acknowledged));
}

/** The chart's line of order numbers: each from 1 to the last one, once. */
async function expectWholeChart(page: Page, acknowledged: number) {
  const values = await page.evaluate(() =>
    window.__nowboard?.series("business", "orders").map(([, value]) => value),
  );
  expect(values).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
}

/** Stops the orders and checks that the page has every one of them. */
export async function expectNothingMissed(page: Page, producer: Producer) {
  const acknowledged = await producer.stop();
  await expectAllOrders(page, acknowledged);
  await expectWholeChart(page, acknowledged);
}

/** Writes down every value of these test ids that the page ever shows, from its first paint on. */
export async function recordShown(
  page: Page,
  testIds: string[],
): Promise<() => Promise<Record<string, string[]>>> {
  await page.addInitScript((ids: string[]) => {
    const seen: Record<string, string[]> = Object.fromEntries(ids.map((id) => [id, []]));
    const look = () => {
      for (const id of ids) {
        const element = document.querySelector(`[data-testid="${id}"]`);
        const value = element?.getAttribute("data-count") ?? element?.getAttribute("data-value");
        if (value !== undefined && value !== null && seen[id]!.at(-1) !== value) seen[id]!.push(value);
      }
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { shownSoFar: seen });
  }, testIds);
  return () =>
    page.evaluate(() => (window as unknown as { shownSoFar: Record<string, string[]> }).shownSoFar);
}

/** True when no number in the list is smaller than the one before it. */
export function neverFalls(values: readonly string[]): boolean {
  return values.every((value, i) => i === 0 || Number(value) >= Number(values[i - 1]));
}
