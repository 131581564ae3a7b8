import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import {
  expectLive,
  expectNothingMissed,
  expectProgress,
  metric,
  neverFalls,
  recordShown,
  shownOrders,
} from "@/tests/support/page-state";

test("[R2][F3] updates between the HTML and the first frame are neither lost nor doubled", async ({
  page,
  network,
  produce,
}) => {
  const shown = await recordShown(page, ["feed-orders", "metric-business-orders"]);
  const producer = produce(20);
  await expect.poll(() => producer.acknowledged).toBeGreaterThan(20);
  network.set({ scripts: "hold" });
  await page.goto("/business", { waitUntil: "commit" });
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", /^\d+$/);
  const rendered = await shownOrders(page);

  // The page stands still while the updates go on: more of them than the feed keeps.
  await expect.poll(() => producer.acknowledged).toBeGreaterThan(rendered + 100);
  expect(network.counts.scriptsHeld).toBeGreaterThan(0);
  expect(await shownOrders(page)).toBe(rendered);
  expect(await page.evaluate(() => window.__nowboard)).toBeUndefined();

  network.set({ scripts: "pass" });
  await expectLive(page, "socket");
  await expectProgress(page, 10);
  await expectNothingMissed(page, producer);
  const { "feed-orders": counts, "metric-business-orders": values } = await shown();
  expect(Number(counts![0])).toBe(rendered);
  expect(neverFalls(counts!)).toBe(true);
  expect(neverFalls(values!)).toBe(true);
});

/** Everything that has moved since the first paint, with how much of the screen that was. */
async function recordShifts(page: Page) {
  await page.addInitScript(() => {
    const shifts: { value: number; what: string }[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        sources?: { node?: Node }[];
      })[]) {
        const what = entry.sources?.map(({ node }) =>
          (node as Element | undefined)?.outerHTML?.slice(0, 120),
        );
        shifts.push({ value: entry.value, what: String(what) });
      }
    }).observe({ type: "layout-shift", buffered: true });
    Object.assign(window, { shifts });
  });
  return () =>
    page.evaluate(() => (window as unknown as { shifts: { value: number; what: string }[] }).shifts);
}

/** Until this host's own figures are known: a page without scripts shows what there was when it was asked for. */
async function untilMeasured(url: string) {
  const read = async () => {
    const answer = await fetch(`${url}/api/live/snapshot?channels=infrastructure`);
    return (await answer.json()).snapshot.infrastructure.values.cpu;
  };
  await expect.poll(read).toEqual(expect.any(Number));
}

for (const path of ["/", "/infrastructure", "/business"])
  test(`[R2] nothing jumps and no number disappears when ${path} comes alive`, async ({
    page,
    network,
    nowboard,
    publish,
  }) => {
    await untilMeasured(nowboard.url);
    await publish("business", { orders: 12, revenue: 1840, newUsers: 3, conversion: 2.5 });
    for (let i = 0; i < 10; i++) await publish("orders", { order: `A-${i}`, item: "Desk lamp", amount: 1 });
    await publish("regions", { region: "North", orders: 12, revenue: 1840, change: 1 });
    const card = path === "/business" ? "metric-business-orders" : "metric-infrastructure-cpu";
    const shown = await recordShown(page, [card]);
    const shifts = await recordShifts(page);
    network.set({ scripts: "hold" });
    await page.goto(path, { waitUntil: "commit" });
    await expect(page.getByTestId(card)).toHaveAttribute("data-value", /^\d/);
    // It has been painted as HTML, with its styles and its font, before any script runs.
    await page.evaluate(() => document.fonts.ready);
    await expect.poll(() => page.evaluate(() => performance.getEntriesByType("paint").length)).toBe(2);
    expect(network.counts.scriptsHeld).toBeGreaterThan(0);

    network.set({ scripts: "pass" });
    await expectLive(page);
    // A jump a moment later is a jump all the same: wait for the charts, then for a few readings.
    await page.waitForLoadState("networkidle");
    await expect(page.locator("canvas").first()).toBeVisible();
    if (path !== "/business") {
      const readings = () => page.evaluate(() => window.__nowboard!.series("infrastructure", "cpu").length);
      const before = await readings();
      await expect.poll(readings).toBeGreaterThanOrEqual(before + 3);
    }
    expect((await shown())[card]).not.toContain("");
    // A label that follows its line's end is no jump; a row of cards that grows by a few pixels is ten of them.
    const jumps = (await shifts()).filter(({ value }) => value > 0.004);
    expect(jumps).toEqual([]);
  });
