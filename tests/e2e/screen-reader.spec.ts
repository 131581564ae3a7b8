import { allPages } from "@/tests/support/all-pages";
import { noteAnnouncements } from "@/tests/support/announcements";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectProgress } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";
import { expectWhole, fill, regionTable } from "@/tests/support/table-page";

/** Ten orders a second, each with new figures. */
const EVERY_MS = 100;
const TEN_SECONDS = 100;

test("ten updates a second announce nothing; that the connection goes and that all is caught up, once each", async ({
  page,
  network,
  publish,
  produce,
}) => {
  const announced = await noteAnnouncements(page);
  await fillShop(publish);
  produce({ everyMs: EVERY_MS, figureMs: EVERY_MS });
  await page.goto("/business");
  await expectLive(page, "socket");
  await expectWhole(regionTable(page));
  // Who has the focus on a chart hears what the crosshair reads when they move it, and nothing in between.
  const plot = page.getByTestId("chart-revenue").getByRole("slider");
  await plot.press("ArrowLeft");
  await expect(plot).toHaveAttribute("aria-valuetext", /\d/);
  const read = await plot.getAttribute("aria-valuetext");
  await expectProgress(page, TEN_SECONDS);
  expect(await plot.getAttribute("aria-valuetext")).toBe(read);
  expect(await announced()).toEqual([]);

  network.set({ network: "cut" });
  const bar = page.getByTestId("connection-bar");
  await expect(bar).toContainText("next try in");
  // A few tries fail, and the bar counts down to each.
  await expect.poll(() => network.counts.connectionsRefused).toBeGreaterThan(3);
  network.clear();
  await expectLive(page);
  await expect(bar).toContainText("Caught up");
  await expectProgress(page, 20);
  expect(await announced()).toEqual([
    "Reconnecting",
    expect.stringMatching(/^Live\. Caught up, [\d,]+ updates?$/),
  ]);
});

test("what a filter leaves is announced when it is changed, not when rows come and go under it", async ({
  page,
  publish,
}) => {
  const announced = await noteAnnouncements(page);
  await fill(publish, 1, 30);
  await page.goto("/business");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  await table.getByRole("searchbox", { name: "Filter" }).fill("SKU-0000");
  await expect.poll(announced).toEqual(["9 of 30 rows match the filter"]);
  await fill(publish, 31, 60);
  await expect(table).toContainText("9 of 60 rows match the filter");
  // Longer than it takes until what a filter left is announced.
  await page.waitForFunction((started) => Date.now() - started > 1500, Date.now());
  await table.getByRole("searchbox", { name: "Filter" }).fill("no such row");
  await expect.poll(announced).toEqual(["9 of 30 rows match the filter", "No row matches the filter"]);
});

test("every page has a title, a language, one heading above the others, landmarks, and names for its parts", async ({
  page,
  publish,
}) => {
  await fillShop(publish);
  for (const path of allPages()) {
    await page.goto(path);
    await expectLive(page);
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    await expect(page).toHaveTitle(`${title} · Nowboard`);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    for (const landmark of ["banner", "main", "navigation"] as const)
      expect(await page.getByRole(landmark).count(), `${title}: ${landmark}`).toBeGreaterThan(0);
    const levels = await page
      .getByRole("heading")
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    for (const [i, level] of levels.entries())
      expect(level, `${title}: heading ${i}`).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
    for (const chart of await page.getByRole("figure").all()) {
      await expect(chart).toHaveAccessibleName(/\w/);
      const plot = chart.getByRole("slider");
      if (await plot.count()) {
        await expect(plot).toHaveAccessibleName(/: time$/);
        // What it shows, in words: which kind of chart, over which time, with its newest values.
        await expect(chart.locator("figcaption")).toContainText(/chart, /i);
      }
    }
    for (const table of await page.getByRole("table").all()) {
      await expect(table).toHaveAccessibleName(/\w/);
      expect(await table.getByRole("columnheader").count()).toBeGreaterThan(1);
    }
  }
});
