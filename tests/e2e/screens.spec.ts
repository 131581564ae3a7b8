import type { Page } from "playwright/test";
import { RUNGS, type Rung } from "@/lib/client/ladder-state";
import { allPages } from "@/tests/support/all-pages";
import { expect, test } from "@/tests/support/fixtures";
import { layoutFaults } from "@/tests/support/layout";
import { NETWORK_FOR } from "@/tests/support/network-proxy-faults";
import { connection, expectLive } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";

const PHONES = { "a narrow phone": { width: 320, height: 640 }, "a phone": { width: 360, height: 740 } };
const TABLETS = {
  "a tablet, upright": { width: 768, height: 1024 },
  "a tablet": { width: 1024, height: 768 },
};
const DESKS = {
  "a desktop": { width: 1440, height: 900 },
  "a very large screen": { width: 3840, height: 2160 },
};
const WALLS = { "a wall screen": { width: 1920, height: 1080 }, "a 4K wall": { width: 3840, height: 2160 } };
/** How long what follows a new size may take to be in its place, ms. */
const SETTLE_MS = 5000;

/** Until everything is there that comes after the numbers. */
async function expectWholePage(page: Page, rung?: Rung) {
  await expectLive(page, rung);
  await page.evaluate(() => document.fonts.ready);
}

/** What is still wrong when everything has had time to come into its place. */
async function faultsOf(page: Page, touch: boolean): Promise<string[]> {
  let faults: string[] = [];
  await expect
    .poll(
      async () => {
        faults = await layoutFaults(page, { touch });
        return faults;
      },
      { timeout: SETTLE_MS },
    )
    .toEqual([])
    .catch(() => {});
  return faults;
}

/** Looks at every page in each of the sizes; what is wrong, with where. */
async function lookAtAll(
  page: Page,
  sizes: Record<string, { width: number; height: number }>,
  { touch = false, query = "" } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const path of allPages()) {
    await page.goto(path + query);
    await expectWholePage(page);
    for (const [name, size] of Object.entries(sizes)) {
      await page.setViewportSize(size);
      found.push(...(await faultsOf(page, touch)).map((fault) => `${path} on ${name}: ${fault}`));
    }
  }
  return found;
}

test.describe("with a finger", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: PHONES["a phone"] });

  test("every page fits phones and tablets, and all that is pressed is large enough", async ({
    page,
    publish,
  }) => {
    await fillShop(publish);
    expect(await lookAtAll(page, { ...PHONES, ...TABLETS }, { touch: true })).toEqual([]);
  });
});

test("every page fits every desk: nothing scrolls sideways, is cut off or on top of something", async ({
  page,
  publish,
}) => {
  await fillShop(publish);
  expect(await lookAtAll(page, { ...TABLETS, ...DESKS })).toEqual([]);
});

for (const rung of RUNGS)
  test(`the bar at the top fits when the page lives on ${rung}`, async ({ page, network }) => {
    network.set(NETWORK_FOR[rung]);
    // The longest title.
    await page.goto("/infrastructure");
    await expectWholePage(page, rung);
    for (const [name, size] of Object.entries({ ...PHONES, ...TABLETS, ...DESKS })) {
      await page.setViewportSize(size);
      expect(await faultsOf(page, false), name).toEqual([]);
      const { height } = (await connection(page).locator("span").first().boundingBox())!;
      expect(height, `${name}: one line`).toBeLessThan(30);
    }
  });

/** The sizes of the type that is shown, as shares of the screen's width. */
async function typeSizes(page: Page, selector: string): Promise<number[]> {
  return page
    .locator(selector)
    .evaluateAll((all) =>
      all
        .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node instanceof Text))
        .map((one) => Number.parseFloat(getComputedStyle(one).fontSize) / innerWidth),
    );
}

test("every page fits a wall, in type that is read across the room", async ({ page, publish }) => {
  await fillShop(publish);
  expect(await lookAtAll(page, WALLS, { query: "?kiosk" })).toEqual([]);
  await page.goto("/business?kiosk");
  await expectWholePage(page);
  for (const size of Object.values(WALLS)) {
    await page.setViewportSize(size);
    // On a screen 120 cm wide the type of the numbers is 34 mm large, and none is below 8 mm.
    await expect
      .poll(async () => Math.min(...(await typeSizes(page, ".text-number"))))
      .toBeGreaterThan(0.028);
    expect(Math.min(...(await typeSizes(page, "main *, header *")))).toBeGreaterThan(0.007);
  }
});
