import type { Page } from "playwright/test";
import { PAGES } from "@/components/shell/pages";
import { expect, test } from "@/tests/support/fixtures";
import { layoutFaults } from "@/tests/support/layout";
import { expectLive } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";

const SIZES = {
  "a narrow phone": { width: 320, height: 640 },
  "a phone": { width: 360, height: 740 },
  "a tablet, upright": { width: 768, height: 1024 },
  "a tablet": { width: 1024, height: 768 },
  "a desktop": { width: 1440, height: 900 },
  "a very large screen": { width: 3840, height: 2160 },
};

/** Until everything is there that comes after the numbers. */
async function expectWholePage(page: Page) {
  await expectLive(page);
  await page.evaluate(() => document.fonts.ready);
}

/** Looks until nothing is wrong; what follows a new size takes a moment. */
async function expectInPlace(page: Page, where: string, options?: { touch: boolean }) {
  await expect.poll(() => layoutFaults(page, options), { message: where, timeout: 8_000 }).toEqual([]);
}

test("every page fits every screen: nothing scrolls sideways, is cut off or on top of something", async ({
  page,
  publish,
}) => {
  await fillShop(publish);
  for (const { href, title } of PAGES) {
    await page.goto(href);
    await expectWholePage(page);
    for (const [name, size] of Object.entries(SIZES)) {
      await page.setViewportSize(size);
      await expectInPlace(page, `${title} on ${name}`);
    }
  }
});
