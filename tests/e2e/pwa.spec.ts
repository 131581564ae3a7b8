import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectLive, metric } from "@/tests/support/page-state";
import { countWakeUps, setVisible } from "@/tests/support/wake-ups";

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
  await expect(page.getByRole("status")).toContainText("The server has been out of reach since");
  await expect(page.getByText("not live")).toBeVisible();
  const card = offlineCard(page, "Orders today");
  await expect(card).toContainText("17");
  await expect(card).toContainText(/as of \d\d:\d\d:\d\d, \d+\s(s|min) ago/);
  await expect(page).toHaveTitle(/not live/);

  await nowboard.restart();
  await expectLive(page);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "17");
});

test("[C9] nothing but the offline page ever comes from the browser's store", async ({
  page,
  nowboard,
  publish,
}) => {
  await page.goto(`${nowboard.url}/business`);
  await expectLive(page);
  await publish("business", { orders: 1 });
  await expectReady(page);
  const fromWorker: string[] = [];
  page.on("response", (response) => {
    if (response.fromServiceWorker() && response.request().resourceType() !== "document")
      fromWorker.push(response.url());
  });
  // A page that is loaded anew has the server's numbers of now, not those that were kept.
  await publish("business", { orders: 2 });
  await page.reload();
  await expectLive(page, "socket");
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "2");
  await page.getByRole("link", { name: "Database", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Database" })).toBeVisible();
  await expectLive(page);
  const stored = await page.evaluate(async () => {
    const names = await caches.keys();
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return keys.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(stored.sort()).toEqual(["/offline.css", "/offline.html", "/offline.js"]);

  await nowboard.kill9();
  await expect(connection(page)).not.toHaveAttribute("data-status", "live");
  const asked = ["/api/channels", "/api/live/snapshot?channels=business", "/database?_rsc=1", "/healthz"];
  for (const path of asked) {
    const outcome = page.evaluate(
      (url) => fetch(url, { headers: { RSC: "1" } }).then(() => "answered"),
      path,
    );
    await expect(outcome, path).rejects.toThrow("Failed to fetch");
  }
  expect(fromWorker).toEqual([]);
});

test("[C9] a wall screen that begins without its server becomes live by itself", async ({
  page,
  nowboard,
}) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  const url = `${nowboard.url}/database?kiosk`;
  await page.goto(url);
  await expectLive(page);
  await expectReady(page);
  await nowboard.kill9();
  await page.goto("about:blank");
  await page.goto(url);
  await expect(page.getByRole("status")).toContainText("The server has been out of reach since");
  await expect(offlineCard(page, "Queries")).toContainText("as of");
  await expect(page.getByRole("button")).toHaveCount(0);
  // Nobody looks at it, as far as the browser can tell.
  await setVisible(page, false);
  await nowboard.restart();
  await expectLive(page);
  await expect(page.getByTestId("clock")).toBeVisible();
});

test("[C9] a hidden offline page does nothing, and tries at once when somebody looks", async ({
  page,
  nowboard,
}) => {
  const count = await countWakeUps(page);
  await page.goto(`${nowboard.url}/database`);
  await expectLive(page);
  await expectReady(page);
  await nowboard.kill9();
  await page.reload();
  await expect(page.getByRole("status")).toContainText("The server has been out of reach since");
  await setVisible(page, false);
  await nowboard.restart();
  await count();
  // As long as the longest time between two tries.
  await page.waitForTimeout(31_000);
  expect(await count()).toMatchObject({ moments: 0, requests: 0 });
  await setVisible(page, true);
  await expectLive(page);
});

test("[C9] of a page that this browser has never seen the offline page says so, and leads to those it has", async ({
  page,
  nowboard,
}) => {
  await page.goto(`${nowboard.url}/database`);
  await expectLive(page);
  await expectReady(page);
  await page.evaluate(() => {
    const eightDays = 8 * 24 * 60 * 60_000;
    const old = { title: "Last week's", at: Date.now() - eightDays, ahead: 0, numbers: [], tables: [] };
    localStorage.setItem("nowboard:kept:/business", JSON.stringify(old));
  });
  await nowboard.kill9();
  await page.goto(`${nowboard.url}/api`);
  await expect(page.getByText("Nothing is known of this page")).toBeVisible();
  await expect(page.getByRole("link")).toHaveText(["Database"]);
  await page.getByRole("link", { name: "Database" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Database" })).toBeVisible();
  await expect(offlineCard(page, "Queries")).toBeVisible();
  await nowboard.restart();
  await page.getByRole("button", { name: "Try now" }).click();
  await expectLive(page);
});

test("Nowboard can be installed: its manifest and icons are there", async ({ page, nowboard }) => {
  await page.goto(`${nowboard.url}/`);
  await expectLive(page);
  await expectReady(page);
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? "{}")).toMatchObject({ name: "Nowboard", display: "standalone" });
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A test's browser keeps nothing between its starts.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
});
