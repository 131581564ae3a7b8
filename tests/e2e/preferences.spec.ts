import type { Page } from "playwright/test";
import { violations } from "@/tests/support/axe";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectLive, expectProgress } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";
import { expectWhole, regionTable, sku } from "@/tests/support/table-page";

/** Counts, frame by frame, what the page moves from now on by animations and transitions. */
async function countMovements(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const moved = new Set<string>();
    Object.assign(window, { moved });
    const look = () => {
      for (const { playState, effect } of document.getAnimations())
        if (playState === "running")
          moved.add((effect as KeyframeEffect).target?.outerHTML.slice(0, 80) ?? "something");
      requestAnimationFrame(look);
    };
    look();
  });
  return () => page.evaluate(() => [...(window as unknown as { moved: Set<string> }).moved]);
}

test("nothing moves for people who want less motion, whatever comes and whatever opens", async ({
  page,
  publish,
  produce,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await fillShop(publish);
  await page.goto("/business");
  await expectLive(page);
  const movements = await countMovements(page);
  produce(50);
  await expectProgress(page, 50);
  await publish("regions", { region: sku(3), orders: 7 });
  await publish("notices", { level: "bad", title: "Again" });
  await expect(page.getByText("Again")).toBeVisible();
  await connection(page).click();
  await expect(page.getByRole("dialog", { name: "Connection" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expectProgress(page, 50);
  expect(await movements()).toEqual([]);
});

test("a change fades in and its cell is tinted for everybody else", async ({ page, publish, produce }) => {
  await fillShop(publish);
  await page.goto("/business");
  await expectLive(page);
  const movements = await countMovements(page);
  produce(50);
  await expect.poll(movements).not.toEqual([]);
});

/** How the lines of the first chart are drawn: each one's dashes, in its label and on its canvas. */
const dashes = (page: Page) =>
  page
    .getByTestId("chart-usage")
    .locator("svg path[style*='-dash']")
    .evaluateAll((paths) => paths.map((path) => getComputedStyle(path).strokeDasharray));

test("with the system's own colours what is chosen, states and lines are told apart by more than colour", async ({
  page,
  publish,
}) => {
  await page.emulateMedia({ forcedColors: "active" });
  await fillShop(publish);
  await page.goto("/infrastructure");
  await expectLive(page);
  // Lines differ in their dashes, in the plot as in the labels.
  await expect.poll(async () => new Set(await dashes(page)).size).toBe(3);
  // The page that one is on, and a choice, are filled.
  const fill = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => getComputedStyle(one).backgroundColor);
  const canvas = await page.evaluate(() => getComputedStyle(document.body.parentElement!).backgroundColor);
  expect(await fill("nav [aria-current=page]")).not.toBe(canvas);
  expect(await fill("nav a:not([aria-current])")).not.toBe(await fill("nav [aria-current=page]"));
  // A number that is not old has no outline, and how many notices are new stands out from its ground.
  const number = page.getByTestId("metric-infrastructure-cpu").locator(".outline-dashed");
  expect(await number.evaluate((one) => getComputedStyle(one).outlineStyle)).toBe("none");
  const count = page.getByTestId("bell").locator(".bg-accent");
  await expect(count).toHaveText(/^4/);
  expect(await count.evaluate((one) => getComputedStyle(one).backgroundColor)).not.toBe(canvas);
  // Icons of states take the colour of text.
  const icon = connection(page).locator("svg");
  await expect(icon).toBeVisible();
  expect(await icon.evaluate((svg) => getComputedStyle(svg).color)).not.toBe(canvas);
});

test("with more contrast borders and text are stronger, lines have dashes, and axe finds nothing", async ({
  page,
  publish,
}) => {
  await fillShop(publish);
  await page.goto("/business");
  await expectLive(page);
  await expectWhole(regionTable(page));
  const soft = () =>
    page
      .locator("thead button")
      .first()
      .evaluate((one) => getComputedStyle(one).color);
  const usual = await soft();
  expect(new Set(await dashes(page)).size).toBeLessThan(2);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ contrast: "more", colorScheme });
    await expect.poll(soft).not.toBe(usual);
    expect(await violations(page)).toEqual([]);
  }
});
