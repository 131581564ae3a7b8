import type { Locator, Page } from "playwright/test";
import { business } from "@/lib/channels/business";
import { allPages } from "@/tests/support/all-pages";
import { violations } from "@/tests/support/axe";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";
import { expectWhole, regionTable, row, sku } from "@/tests/support/table-page";

const DESKTOP = { width: 1440, height: 900 };
/** Nothing is scrolled halfway under the bar at the top, which axe would call too small. */
const TALL = { width: 1440, height: 2600 };
const PHONE = { width: 360, height: 740 };
/** What the theme decides; the rest of a page is the same in both. */
const CONTRAST = ["color-contrast", "link-in-text-block"];

/** Looks at the page in both themes, and says where what was found is. A number that fades in is paler on its way. */
async function look(page: Page, where: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveClass(/light/);
  const light = await violations(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveClass(/dark/);
  const dark = await violations(page, CONTRAST);
  return [...light.map((one) => `${where}, light: ${one}`), ...dark.map((one) => `${where}, dark: ${one}`)];
}

/** Until everything is there that comes after the numbers. */
async function expectWholePage(page: Page) {
  await expectLive(page);
  await page.evaluate(() => document.fonts.ready);
  for (const chart of await page.getByTestId(/^chart-/).all())
    if (await chart.getByRole("slider").count())
      await expect(chart.locator("[data-chart-menu]")).toBeVisible();
}

for (const [name, viewport] of Object.entries({ "a desktop": DESKTOP, "a phone": PHONE }))
  test(`no page has a fault that axe finds, on ${name}, in both themes`, async ({ page, publish }) => {
    await fillShop(publish);
    await page.setViewportSize(viewport);
    const found: string[] = [];
    for (const path of allPages()) {
      await page.goto(path);
      await expectWholePage(page);
      found.push(...(await look(page, path)));
    }
    expect(found).toEqual([]);
  });

test("no page has a fault that axe finds while there is no data yet, nor on a wall screen", async ({
  page,
  publish,
}) => {
  await page.setViewportSize(DESKTOP);
  const found: string[] = [];
  for (const path of allPages()) {
    await page.goto(path);
    await expectLive(page);
    found.push(...(await look(page, `${path}, empty`)));
  }
  await fillShop(publish);
  await page.setViewportSize({ width: 1920, height: 1080 });
  for (const path of allPages()) {
    await page.goto(`${path}?kiosk`);
    await expect(page.getByTestId("clock")).toContainText(":");
    found.push(...(await look(page, `${path}, wall`)));
  }
  expect(found).toEqual([]);
});

test("no panel, menu or dialog has a fault that axe finds", async ({ page, publish }) => {
  await fillShop(publish);
  await page.setViewportSize(TALL);
  await page.goto("/");
  await expectWholePage(page);
  await expectWhole(regionTable(page));
  const found: string[] = [];
  const open = async (what: string, button: Locator, panel: Locator) => {
    await button.click();
    await expect(panel).toBeVisible();
    found.push(...(await look(page, what)));
    await page.keyboard.press("Escape");
    await expect(panel).toBeHidden();
  };
  const dialog = (name: string) => page.getByRole("dialog", { name });
  await open("connection", page.getByTestId("connection"), dialog("Connection"));
  await open("notices", page.getByTestId("bell"), dialog("Notices"));
  await open("time range", page.getByTestId("range"), dialog("Time range"));
  await open("columns", regionTable(page).getByRole("button", { name: /^Columns/ }), dialog("Columns"));
  await open("a row", row(regionTable(page), sku(3)), dialog(sku(3)));
  const menu = page.getByTestId("chart-revenue").locator("[data-chart-menu]");
  await open("a chart's menu", menu, page.getByRole("menu"));
  await open("an annotation", page.locator("[data-flag]").first(), page.getByTestId("flag-details"));
  await menu.click();
  await page.getByRole("menuitem", { name: "Show as table" }).click();
  await expect(page.getByTestId("chart-table")).toBeVisible();
  found.push(...(await look(page, "a chart as a table")));
  await page.keyboard.press("Escape");
  await page.getByTestId("chart-revenue").getByRole("slider").press("n");
  await expect(page.getByTestId("note-dialog")).toBeVisible();
  found.push(...(await look(page, "a note")));
  await page.getByTestId("note-dialog").getByLabel("What happened").fill("By hand");
  await page.getByTestId("note-dialog").getByRole("button", { name: "Add" }).click();
  await page.getByRole("button", { name: "Note: By hand" }).first().click();
  await page.getByTestId("flag-details").getByRole("button", { name: "Remove" }).click();
  await expect(dialog("Remove “By hand”?")).toBeVisible();
  found.push(...(await look(page, "a question")));
  expect(found).toEqual([]);
});

test("what is late, lost or cut off has no fault that axe finds", async ({ page, publish, network }) => {
  await page.setViewportSize(DESKTOP);
  await fillShop(publish, 15 * business.maxAge);
  await page.goto("/");
  await expectWholePage(page);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-freshness", "lost");
  const found = await look(page, "a source lost");
  // A panel's code comes soon after the page, and not without a network.
  await page.getByTestId("range").click();
  await expect(page.getByRole("button", { name: "1 hour" })).toBeVisible();
  await page.keyboard.press("Escape");
  network.set({ network: "cut" });
  await expect(page.getByTestId("connection-bar")).toBeVisible();
  await expect(metric(page, "infrastructure-cpu")).toHaveAttribute("data-freshness", /late|stale/);
  // What the charts would need for this cannot come.
  await page.getByTestId("range").click();
  await page.getByRole("button", { name: "1 hour" }).click();
  await expect(page.getByTestId("chart-revenue")).toContainText("earlier data could not be loaded");
  await page.keyboard.press("Escape");
  found.push(...(await look(page, "cut off")));
  await page.setViewportSize(PHONE);
  found.push(...(await look(page, "cut off, on a phone")));
  expect(found).toEqual([]);
});

test("what stands in for a page that is not there, or could not be shown, has no fault that axe finds", async ({
  page,
  pageErrors,
}) => {
  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no page here");
  const found = await look(page, "no such page");
  await page.addInitScript(() => {
    Intl.NumberFormat.prototype.formatToParts = () => {
      throw new Error("broken for the test");
    };
  });
  await page.goto("/infrastructure");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page could not be shown");
  found.push(...(await look(page, "an error")));
  // That the one is not there and why the other failed, in the browser's console.
  expect(pageErrors.splice(0).join()).toMatch(/404[\s\S]*broken for the test/);
  expect(found).toEqual([]);
});
