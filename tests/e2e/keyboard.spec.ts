import type { Locator, Page } from "playwright/test";
import { allPages } from "@/tests/support/all-pages";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";
import { expectWhole, regionTable, sku } from "@/tests/support/table-page";

/** More stops than any page has. */
const MOST_STOPS = 200;

interface Stop {
  name: string;
  /** Whether one can see that it has the focus, and it is not below something that stays in its place. */
  isSeen: boolean;
  area: string;
}

/** What has the focus; `undefined` when the browser's own controls have it. */
function stopOf(page: Page): Promise<Stop | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return undefined;
    // A field's label may have the ring.
    const ringed = element.closest("label") ?? element;
    const isRinged = [element, ringed].some((one) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
    });
    const { left, top, width, height } = element.getBoundingClientRect();
    // Large ones, as a plot or a table's row, show some part of themselves.
    const places = [0.5, 0.1, 0.9].map((share) =>
      document.elementFromPoint(left + width * share, top + height * share),
    );
    const isOnTop = places.some((one) => one && (ringed.contains(one) || one.contains(element)));
    element.dataset.visited = "";
    return {
      name: `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 30) ?? ""}`,
      isSeen: isRinged && isOnTop,
      area: ["main", "header", "nav"].find((area) => element.closest(area)) ?? "other",
    };
  });
}

/** What could be used with a pointer and was not come to; in a table's rows and a toolbar only one is a stop. */
function notVisited(page: Page): Promise<string[]> {
  return page
    .locator("button:not(:disabled), a[href], input, select, [role=slider], [tabindex='0']")
    .evaluateAll((all) =>
      all
        .filter(
          (one) =>
            one.checkVisibility({ visibilityProperty: true }) && !("visited" in (one as HTMLElement).dataset),
        )
        .filter((one) => one.getAttribute("tabindex") !== "-1")
        .map((one) => one.outerHTML.slice(0, 120)),
    );
}

// A test each: a walk takes seconds, in which flags of annotations leave the plots.
for (const path of allPages())
  test(`Tab comes to everything on ${path}, in order, where it is seen, and out again`, async ({
    page,
    publish,
  }) => {
    await fillShop(publish);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto(path);
    await expectLive(page);
    if (path === "/ops/connections")
      // The page's own connection comes within some seconds: not while somebody walks over the rows.
      await expect(page.getByTestId("table-connections").locator("tr[data-key]")).toContainText([path]);
    for (const table of await page.getByTestId(/^(table|feed)-/).all())
      if (await table.getByRole("button", { name: "Export" }).count()) await expectWhole(table);
    for (const chart of await page.getByRole("figure").all())
      if (await chart.getByRole("slider").count())
        await expect(chart.locator("[data-chart-menu]")).toBeVisible();
    const stops: Stop[] = [];
    for (let i = 0; i < MOST_STOPS; i++) {
      await page.keyboard.press("Tab");
      const stop = await stopOf(page);
      // Past the end the browser itself has the focus, or the first stop again where it has nothing to give it to.
      if (!stop || stop.name === stops[0]?.name) break;
      stops.push(stop);
    }
    expect(stops.length).toBeLessThan(MOST_STOPS);
    expect(stops[0]!.name).toContain("Skip to the content");
    expect(
      stops.filter(({ isSeen }) => !isSeen).map(({ name }) => name),
      "not seen",
    ).toEqual([]);
    const areas = stops.map(({ area }) => area);
    expect(areas.filter((area, i) => area !== areas[i - 1])).toEqual(["other", "nav", "header", "main"]);
    expect(await notVisited(page), "not come to").toEqual([]);
  });

/** Opens something with Enter, and closes it with Escape, which gives the focus back. */
async function openAndClose(page: Page, control: Locator, panel: Locator) {
  await control.focus();
  await page.keyboard.press("Enter");
  await expect(panel).toBeVisible();
  // The focus is inside, so that what is read next is the panel.
  await expect.poll(() => panel.evaluate((box) => box.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(control).toBeFocused();
}

test("a page can be used from its first link to its last row without a pointer", async ({
  page,
  publish,
}) => {
  await fillShop(publish);
  await page.goto("/");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);

  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect((await stopOf(page))?.area).toBe("main");

  const dialog = (name: string) => page.getByRole("dialog", { name });
  await openAndClose(page, page.getByTestId("range"), dialog("Time range"));
  await openAndClose(page, page.getByTestId("connection"), dialog("Connection"));
  await openAndClose(page, page.getByTestId("bell"), dialog("Notices"));
  await openAndClose(page, table.getByRole("button", { name: /^Columns/ }), dialog("Columns"));
  const chart = page.getByTestId("chart-revenue");
  await openAndClose(page, chart.locator("[data-chart-menu]"), page.getByRole("menu"));

  // The crosshair, whose values are the slider's, and a note at its time.
  const plot = chart.getByRole("slider");
  await plot.focus();
  await expect(plot).toHaveAttribute("aria-valuetext", "the newest");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(plot).toHaveAttribute("aria-valuetext", /\d\d:\d\d:\d\d.*Revenue today €/);
  await page.keyboard.press("Escape");
  await expect(plot).toHaveAttribute("aria-valuetext", "the newest");
  await page.keyboard.press("n");
  await expect(page.getByTestId("note-dialog")).toBeVisible();
  await expect(page.getByLabel("What happened")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("note-dialog")).toBeHidden();
  await expect(plot).toBeFocused();

  // Rows.
  await table.locator("tr[data-key]").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  const details = page.getByRole("dialog", { name: sku(29) });
  await expect(details).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(details).toBeHidden();
  await expect(table.locator(`tr[data-key="${sku(29)}"]`)).toBeFocused();

  // On to the next page: the focus stays in the navigation, and the title says where one is.
  await page.getByRole("link", { name: "Infrastructure" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Infrastructure" })).toBeVisible();
  await expect(page).toHaveTitle("Infrastructure · Nowboard");
  await expect(page.getByRole("link", { name: "Infrastructure" })).toBeFocused();
});
