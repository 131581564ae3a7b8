import type { Locator, Page } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { expect } from "@/tests/support/fixtures";
import { type Acknowledged, orderName, type Producer } from "@/tests/support/producer";
import { judge } from "@/tests/support/verdict";
import { witnessOf } from "@/tests/support/witness";

export const connection = (page: Page): Locator => page.getByTestId("connection").first();
export const metric = (page: Page, name: string): Locator => page.getByTestId(`metric-${name}`);
const orders = (page: Page): Locator => page.getByTestId("feed-orders");

/**
 * Waits until the page says that it is live, on the rung if one is given. A busy machine may deliver on a
 * lower rung first; the climb from there takes some ten seconds.
 */
export async function expectLive(page: Page, rung?: Rung, timeout = 30_000) {
  if (rung) await expect(connection(page)).toHaveAttribute("data-transport", rung, { timeout });
  await expect(connection(page)).toHaveAttribute("data-status", "live", { timeout });
  await expect(connection(page)).toContainText("Live");
}

/** Waits until the page says that it is not live: at most `timeout` ms. */
export async function expectStale(page: Page, timeout = 30_000) {
  await expect(connection(page)).not.toHaveAttribute("data-status", "live", { timeout });
  await expect(connection(page)).not.toContainText("Live");
  await expect(page.getByTestId("connection-bar")).toBeVisible();
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
  const items = orders(page).locator("[data-key]");
  const texts = await items.allInnerTexts();
  const newest = texts.map((_, i) => orderName(acknowledged - i));
  expect(texts.length).toBeGreaterThanOrEqual(Math.min(6, acknowledged));
  expect(texts.map((text) => /N-\d{5}/.exec(text)?.[0])).toEqual(newest);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", String(acknowledged));
  // It must not be a passing moment: nothing comes on top.
  await expect(orders(page)).toHaveAttribute("data-count", String(acknowledged));
}

/**
 * Waits until the page shows everything that was acknowledged: the orders, the card, and the chart with its last
 * point. Whether it does after `timeout` ms.
 */
export async function showsAll(page: Page, producer: Acknowledged, timeout = 30_000): Promise<boolean> {
  const witness = witnessOf(page);
  const [order, figure] = [producer.orders.at(-1)?.n, producer.figures.at(-1)?.n];
  const isWhole = async () => {
    const sight = witness.sights.findLast(({ count }) => count !== null);
    if (sight?.word !== "Live" || sight.count !== order || sight.card !== figure) return false;
    return Math.round((await witness.drawn("chart-revenue")).at(-1) ?? 0) === figure;
  };
  return expect
    .poll(isWhole, { timeout })
    .toBe(true)
    .then(
      () => true,
      () => false,
    );
}

/**
 * Stops the orders and compares what a person has seen of them, all the time and at the end, with what ingest
 * acknowledged. The page must be one that shows them: Overview or Business. A fault may have gone unnoticed for
 * `noticeMs`; whatever was behind by more must not have been called live.
 */
export async function expectNothingMissed(page: Page, producer: Producer, { noticeMs = 15_000 } = {}) {
  await producer.stop();
  await showsAll(page, producer);
  const witness = witnessOf(page);
  const drawn = await witness.drawn("chart-revenue");
  const evidence = { acknowledged: producer, sights: witness.sights, drawn, slackMs: noticeMs };
  const verdict = judge(evidence);
  expect(verdict.expected).toBeGreaterThan(0);
  expect(verdict).toMatchObject({ missing: 0, doubled: 0, disordered: 0, dishonest: [] });
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
