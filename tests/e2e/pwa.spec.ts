import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectLive, metric } from "@/tests/support/page-state";

/** The worker is there and keeps the offline page; what the page shows has been kept. */
async function expectReady(page: Page) {
  const isReady = () =>
    page.evaluate(
      async () => (await navigator.serviceWorker.getRegistration())?.active?.state === "activated",
    );
  await expect.poll(isReady).toBe(true);
  const path = new URL(page.url()).pathname;
  await expect
    .poll(() => page.evaluate((key) => localStorage.getItem(key), `nowboard:kept:${path}`))
    .not.toBeNull();
}

const offlineCard = (page: Page, title: string) =>
  page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

test("[C9] without its server a page shows what was last known, says that it is old, and comes back live", async ({
  page,
  nowboard,
  publish,
}) => {
  await page.goto(`${nowboard.url}/business`);
  await expectLive(page);
  await publish("business", { revenue: 4321, orders: 17 });
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "17");
  await expectReady(page);

  await nowboard.kill9();
  await expect(connection(page)).not.toHaveAttribute("data-status", "live");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Business" })).toBeVisible();
  await expect(page.getByRole("status")).toContainText("The server cannot be reached");
  await expect(page.getByText("not live")).toBeVisible();
  const card = offlineCard(page, "Orders today");
  await expect(card).toContainText("17");
  await expect(card).toContainText(/as of \d\d:\d\d:\d\d, \d+\s(s|min) ago/);
  await expect(page).toHaveTitle(/not live/);

  await nowboard.restart();
  await expectLive(page);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "17");
});
