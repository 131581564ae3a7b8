import { stopRenderers } from "@/tests/qa/renderers";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";

test("[C3][C7] a wall screen has no controls, large type, a clock, and shows its pages in turn", async ({
  page,
  network,
}) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto("/database?kiosk=database,infrastructure&every=5");
  await expectLive(page, "socket");
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeHidden();
  await expect(page.getByRole("button", { name: /Notices|Time range|Theme/ })).toHaveCount(0);
  const size = await metric(page, "database-queries").evaluate((card) => getComputedStyle(card).fontSize);
  expect(Number.parseFloat(size)).toBeGreaterThan(18);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).cursor)).toBe("none");
  const clock = page.getByTestId("clock");
  const first = await clock.textContent();
  await expect(clock).not.toHaveText(first!);
  // The same document and connection go on.
  const { upgradesSeen } = network.counts;
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await expect(page.getByRole("heading", { level: 1, name: "Infrastructure" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Database" })).toBeVisible();
  expect(await page.evaluate(() => (window as { sameDocument?: boolean }).sameDocument)).toBe(true);
  expect(network.counts.upgradesSeen).toBe(upgradesSeen);
  // Without a network it stays where it is, and says so.
  network.set({ network: "cut" });
  await expect(page.getByTestId("connection-bar")).toBeVisible();
  const shown = await page.getByRole("heading", { level: 1 }).textContent();
  const before = await clock.textContent();
  await expect.poll(() => clock.textContent(), { timeout: 15_000 }).not.toBe(before);
  await page.waitForFunction((started) => Date.now() - started > 7000, Date.now());
  await expect(page.getByRole("heading", { level: 1, name: shown! })).toBeVisible();
  network.set({ network: "pass" });
  await expectLive(page);
});

test("[C3] a wall screen that slept wakes live by itself, with what was missed, and goes on showing its pages", async ({
  page,
  browser,
  network,
  publish,
}) => {
  await page.goto("/business?kiosk=business,database&every=5");
  await expectLive(page, "socket");
  const wake = await stopRenderers(browser);
  try {
    network.sleep();
    await publish("orders", { order: "B-1", item: "While asleep", amount: 12 });
  } finally {
    wake();
  }
  await expectLive(page);
  await expect(page.getByRole("heading", { level: 1, name: "Database" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Business" })).toBeVisible();
  await expect(page.getByText("While asleep").first()).toBeVisible();
  await expectLive(page);
});

test("a wall screen has no scroll bars, and fills the screen with the first click", async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto("/?kiosk");
  await expectLive(page, "socket");
  const bar = await page.evaluate(() => window.innerWidth - document.documentElement.clientWidth);
  expect(bar).toBe(0);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollbarWidth)).toBe("none");
  await page.mouse.click(960, 1000);
  await page.waitForFunction(() => document.fullscreenElement !== null);
});
