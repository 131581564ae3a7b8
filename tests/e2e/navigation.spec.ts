import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import {
  expectAllOrders,
  expectLive,
  expectNothingMissed,
  expectProgress,
  metric,
  neverFalls,
  recordShown,
} from "@/tests/support/page-state";
import { watchPage } from "@/tests/support/witness";

/** Follows a link of the rail, as a person does. */
async function follow(page: Page, name: string) {
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("[R2][R3] moving between pages with other channels loses nothing and never shows older numbers", async ({
  page,
  network,
  produce,
}) => {
  const shown = await recordShown(page, ["feed-orders", "metric-business-orders"]);
  const producer = produce(20);
  await page.goto("/");
  await expectLive(page, "socket");
  const { upgradesSeen } = network.counts;
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  for (let round = 0; round < 2; round++) {
    for (const name of ["Infrastructure", "Database"]) {
      await follow(page, name);
      const before = producer.acknowledged;
      // Orders go on while nobody here looks at them.
      await expect.poll(() => producer.acknowledged).toBeGreaterThan(before + 20);
    }
    await follow(page, "Business");
    await expectProgress(page, 20);
    await follow(page, "Overview");
    await expectProgress(page, 10);
  }
  // Back and forward show what the router has kept of a page, which is old by now.
  for (const url of [/business$/, /database$/, /infrastructure$/]) {
    await page.evaluate(() => history.back());
    await page.waitForURL(url);
  }
  await page.evaluate(() => history.go(2));
  await page.waitForURL(/business$/);
  await expectProgress(page, 20);
  await expectNothingMissed(page, producer);

  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
  expect(network.counts.upgradesSeen).toBe(upgradesSeen);
  expect(await page.evaluate(() => window.__nowboard!.ledger())).toEqual([]);
  const { "feed-orders": counts, "metric-business-orders": values } = await shown();
  // A list that is empty never falls either: each page came with a number, and others followed.
  expect(counts!.length).toBeGreaterThan(5);
  expect(values!.length).toBeGreaterThan(5);
  expect(neverFalls(counts!)).toBe(true);
  expect(neverFalls(values!)).toBe(true);
});

test("[T8][R2][C5] two tabs on different pages both have everything, and one goes on when the other closes", async ({
  context,
  page,
  network,
  produce,
}) => {
  const producer = produce(20);
  const other = await context.newPage();
  await watchPage(other);
  await page.goto("/");
  await other.goto("/business");
  await expectLive(page);
  await expectLive(other);
  const streams = () => network.open("websocket") + network.open("sse");
  // They share it, though they show different pages.
  await expect.poll(streams).toBe(1);
  await expectProgress(page, 20);
  await expectProgress(other, 20);
  await page.close();
  await expect.poll(streams).toBe(1);
  await expectProgress(other, 20);

  const again = await context.newPage();
  await again.goto("/");
  await expectLive(again);
  await expectNothingMissed(other, producer);
  await expectAllOrders(again, producer.acknowledged);
  await expect(metric(again, "infrastructure-cpu")).toHaveAttribute("data-freshness", "live");
});
