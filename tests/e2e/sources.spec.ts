import type { Page } from "playwright/test";
import { channels } from "@/lib/channels/registry";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";
import { startRedis } from "@/tests/support/redis-server";
import { startSourceNode } from "@/tests/support/source-node";
import { startServer } from "@/tests/support/start-server";

/** What this server fills by itself. */
const ALL = channels.filter(({ filledBy }) => filledBy === "source").map(({ name }) => name);

const table = (page: Page) => page.getByTestId("table-sources");
const rowOf = (page: Page, channel: string) => table(page).locator(`[data-key="${channel}"]`);
const said = (page: Page) => table(page).getByRole("status").last();

test("[S3] an operator sees that all sources work, and asks one for news with the keyboard alone", async ({
  page,
}) => {
  await page.goto("/ops/sources");
  await expectLive(page, "socket");
  await expect(page.getByTestId("sources-summary")).toHaveText(`${ALL.length} sources, all work`);
  for (const channel of ALL) await expect(rowOf(page, channel)).toContainText("Works");
  await expect(rowOf(page, "api")).toContainText(/just now|\d+ s ago/);

  // By rows with the arrows, into the row's button with Tab.
  await table(page).getByRole("row").nth(1).focus();
  await page.keyboard.press("ArrowDown");
  const row = table(page).getByRole("row").nth(2);
  await expect(row).toBeFocused();
  const title = (await row.getByRole("cell").first().textContent())!;
  await page.keyboard.press("Enter");
  const details = page.getByTestId("details-sources");
  const lastTry = details.locator('[data-column="lastTry"] dd');
  await expect(lastTry).toContainText("at");
  await page.keyboard.press("Escape");
  await expect(row).toBeFocused();
  await page.keyboard.press("Tab");
  const button = page.getByRole("button", { name: `Test now: ${title}` });
  await expect(button).toBeFocused();
  const answer = page.waitForResponse(/\/api\/ops\/sources\/[a-z]+\/test$/);
  await page.keyboard.press("Enter");
  expect((await answer).status()).toBe(202);
  await expect(said(page)).toHaveText(`${title} works.`);
  // Who pressed it is still there.
  await expect(button).toBeFocused();
  await expect(button).toHaveText("Test now");
});

test("[R1] the page about the sources can be read before any script runs, and without", async ({
  browser,
  network,
  nowboard,
}) => {
  await expect
    .poll(async () => {
      const response = await fetch(`${nowboard.url}/api/live/snapshot?channels=sources`);
      const { rows } = (await response.json()).snapshot.sources;
      return Object.values<{ state: string }>(rows).filter(({ state }) => state === "Works").length;
    })
    .toBe(ALL.length);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${network.url}/ops/sources`);
  await expect(page.getByTestId("sources-summary")).toHaveText(`${ALL.length} sources, all work`);
  await expect(rowOf(page, "infrastructure")).toContainText("Works");
  await expect(rowOf(page, "infrastructure")).toContainText(/\d\d:\d\d:\d\d/);
  await context.close();
});

for (const width of [390, 360])
  test(`[S3] on a phone ${width} px wide each source has its state and its button in sight`, async ({
    browser,
    network,
  }) => {
    const viewport = { width, height: 800 };
    const context = await browser.newContext({ viewport, isMobile: true, hasTouch: true });
    const page = await context.newPage();
    await page.goto(`${network.url}/ops/sources`);
    await expectLive(page);
    const scrollable = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await scrollable()).toBe(0);
    const button = page.getByRole("button", { name: "Test now: API" });
    // The row may be drawn anew between a look for it and a look at it.
    await expect
      .poll(async () => {
        const box = await button.boundingBox();
        return box ? box.x + box.width : Number.POSITIVE_INFINITY;
      })
      .toBeLessThanOrEqual(width);
    await button.tap();
    await expect(said(page)).toHaveText("API works.");
    // The words of the bar at the bottom do not run into each other.
    const words = page.getByRole("navigation", { name: "Pages" }).locator("span:visible");
    const boxes = await words.evaluateAll((all) => all.map((word) => word.getBoundingClientRect().toJSON()));
    expect(boxes.length).toBeGreaterThan(5);
    for (const [i, next] of boxes.slice(1).entries())
      expect(boxes[i].x + boxes[i].width).toBeLessThanOrEqual(next.x);
    expect(await scrollable()).toBe(0);
    await context.close();
  });

test("[S3][K1] a card whose source fails leads to the reason, which is found out again on the node that reads it", async ({
  page,
}) => {
  const redis = await startRedis();
  // It joins first, so it has the lease and reads the sources.
  const other = await startSourceNode(redis.url);
  const server = await startServer({ env: { REDIS_URL: redis.url } });
  try {
    await page.goto(`${server.url}/infrastructure`);
    await expectLive(page);
    await page.getByRole("link", { name: "Why: see its source" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "Sources" })).toBeVisible();
    await expect(page.getByTestId("sources-summary")).toContainText("1 of 2 sources fails");
    await expect(page.getByTestId("sources-summary")).toContainText(
      "Infrastructure (PostgreSQL) fails: The database refused the connection",
    );
    // Only the one that it came for, until the filter is cleared; then the failing one first.
    await expect(table(page).locator("[data-key]")).toHaveCount(1);
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await expect(table(page).locator("[data-key]")).toHaveCount(2);
    const first = table(page).locator("[data-key]").first();
    await expect(first).toContainText("Infrastructure");
    await expect(first.locator('[data-column="nextTry"]')).toHaveText(/^(now|in \d+ s)$/);

    const button = page.getByRole("button", { name: "Test now: Infrastructure" });
    await button.click();
    await expect(said(page)).toHaveText("Infrastructure still fails: The database refused the connection.");
    other.works(true);
    await button.click();
    await expect(said(page)).toHaveText(/^Infrastructure works( again)?\.$/);
    await expect(page.getByTestId("sources-summary")).toHaveText("2 sources, all work");
  } finally {
    // Without it the page would complain of its server's end.
    await page.goto("about:blank");
    await server.close();
    await other.close();
    await redis.close();
  }
});

for (const width of [1440, 390])
  test(`on a touch screen ${width} px wide a card keeps its height when its source fails, with room for a finger on its reason`, async ({
    browser,
  }) => {
    const redis = await startRedis();
    const other = await startSourceNode(redis.url);
    const server = await startServer({ env: { REDIS_URL: redis.url } });
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      hasTouch: true,
      isMobile: true,
    });
    try {
      other.works(true);
      const page = await context.newPage();
      await page.goto(`${server.url}/infrastructure`);
      await expectLive(page);
      const cards = page.locator("article[data-freshness]");
      const heights = () => cards.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      const why = cards.getByRole("link", { name: "Why: see its source" });
      const count = await cards.count();
      await expect(page.locator('article[data-freshness="live"]')).toHaveCount(count);
      await expect(why).toHaveCount(0);
      const before = await heights();
      other.works(false);
      await expect(page.locator('article[data-freshness="late"]')).toHaveCount(count);
      await expect(why).toHaveCount(count);
      expect(await heights()).toEqual(before);
      const box = await why.first().boundingBox();
      expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(44);
    } finally {
      await context.close();
      await server.close();
      await other.close();
      await redis.close();
    }
  });
