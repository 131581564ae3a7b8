import type { Page } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectAllOrders, expectLive, expectProgress } from "@/tests/support/page-state";
import { countWakeUps, setVisible, untilParked } from "@/tests/support/wake-ups";

/** Has the page use one transport only, as its viewer can choose. */
async function fix(page: Page, rung: Rung) {
  await page.addInitScript((choice) => localStorage.setItem("nowboard:choice", choice), rung);
}

/** Notes each moment at which the number of orders on the screen changes. */
async function watchChanges(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const feed = document.querySelector('[data-testid="feed-orders"]')!;
    const seen = { changes: 0, last: feed.getAttribute("data-count") };
    new MutationObserver(() => {
      const count = feed.getAttribute("data-count");
      if (count !== seen.last) seen.changes += 1;
      seen.last = count;
    }).observe(feed, { attributes: true });
    Object.assign(window, { seenChanges: seen });
  });
  return () =>
    page.evaluate(() => (window as unknown as { seenChanges: { changes: number } }).seenChanges.changes);
}

for (const rung of ["socket", "sse"] as const)
  test(`[H7] who chooses to save data gets one frame a second over ${rung}, and nothing is missed`, async ({
    page,
    produce,
  }) => {
    await fix(page, rung);
    await page.goto("/business");
    await expectLive(page, rung);
    const producer = produce(50);
    await expectProgress(page, 5);
    await connection(page).click();
    await expect(page.getByTestId("saver")).toContainText(
      "Off: updates come at once. This browser does not ask.",
    );
    await page.getByTestId("saver-choice").selectOption("on");
    await expect(page.getByTestId("saver")).toContainText(
      "On: updates come together, once a second at most.",
    );
    await page.keyboard.press("Escape");
    await expectProgress(page, 20);
    const changes = await watchChanges(page);
    const begun = Date.now();
    await expectProgress(page, 100);
    // However slow this machine is, no more frames than seconds.
    expect(await changes()).toBeLessThanOrEqual(Math.ceil((Date.now() - begun) / 1000) + 1);
    await expect(connection(page)).toHaveAttribute("data-status", "live");
    await producer.stop();
    await expectAllOrders(page, producer.orders.length);
    // It is remembered.
    await page.reload();
    await expectLive(page, rung);
    await expect.poll(() => page.evaluate(() => window.__nowboard?.diagnostics().sparse)).toBe(true);
  });

test("[H7] a browser that asks to save data is spared without a choice, and the panel says so", async ({
  page,
}) => {
  await page.addInitScript(() => {
    const network = Object.assign(new EventTarget(), { saveData: true });
    Object.defineProperty(navigator, "connection", { configurable: true, get: () => network });
  });
  await page.goto("/business");
  await expectLive(page);
  await expect.poll(() => page.evaluate(() => window.__nowboard?.diagnostics().sparse)).toBe(true);
  await connection(page).click();
  await expect(page.getByTestId("saver")).toContainText("This browser asks to save data.");
  await page.getByTestId("saver-choice").selectOption("off");
  await expect(page.getByTestId("saver")).toHaveText("Off: updates come at once.");
  expect(await page.evaluate(() => window.__nowboard?.diagnostics().sparse)).toBe(false);
});

test("[C3] a page that is hidden for a minute wakes nothing up, and goes on when it is seen", async ({
  page,
  produce,
}) => {
  const count = await countWakeUps(page);
  const producer = produce(200);
  await page.goto("/");
  await expectLive(page, "socket");
  await expectProgress(page, 5);
  expect((await count()).moments).toBeGreaterThan(0);
  await setVisible(page, false);
  await untilParked(page);
  await count();
  // Longer than any interval that the client has.
  await page.waitForTimeout(35_000);
  expect(await count()).toEqual({ timers: 0, frames: 0, requests: 0, messages: 0, moments: 0 });
  await setVisible(page, true);
  await expectLive(page);
  await producer.stop();
  await expectAllOrders(page, producer.orders.length);
});
