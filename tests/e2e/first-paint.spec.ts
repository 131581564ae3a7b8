import type { Page } from "playwright/test";
import { allPages } from "@/tests/support/all-pages";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";
import { fillShop } from "@/tests/support/shop-data";

const PAGES = [
  { path: "/", metrics: ["business-orders", "infrastructure-cpu", "api-viewers", "database-queries"] },
  {
    path: "/infrastructure",
    metrics: ["infrastructure-cpu", "infrastructure-memoryUsed", "infrastructure-diskFree"],
  },
  { path: "/api", metrics: ["api-requests", "api-average", "api-p95"] },
  { path: "/database", metrics: ["database-queries", "database-size"] },
  { path: "/business", metrics: ["business-orders", "business-revenue"] },
];

/**
 * HTML comes in pieces, and a browser paints what it has: what is elsewhere, or wider, as long as what comes after it
 * in its grid is not there.
 */
function movedByOthers(page: Page): Promise<{ grids: number; moved: string[] }> {
  return page.evaluate(() => {
    const moved = new Set<string>();
    const place = (one: Element) => {
      const { left, width } = one.getBoundingClientRect();
      return `${Math.round(left)}, ${Math.round(width)} px wide`;
    };
    const grids = [...document.querySelectorAll("main *")].filter(
      (one) => getComputedStyle(one).display === "grid" && one.children.length > 1,
    );
    for (const grid of grids) {
      const all = [...grid.children];
      const last = all.map(place);
      for (let count = all.length - 1; count > 0; count--) {
        all[count]!.remove();
        for (const [i, one] of all.slice(0, count).entries())
          if (place(one) !== last[i])
            moved.add(`${one.outerHTML.slice(0, 80)}: ${place(one)}, then ${last[i]}`);
      }
      grid.append(...all);
    }
    return { grids: grids.length, moved: [...moved] };
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("[R1] the numbers are in the HTML of every page, as of this request", async ({ page, publish }) => {
    await publish("business", { orders: 12, revenue: 1840 });
    await publish("orders", { order: "A-1", item: "Desk lamp", amount: 49.9 });
    await publish("regions", { region: "North", orders: 12 });
    for (const { path, metrics } of PAGES) {
      // The server's own readings come within a second or two of its start.
      const missing = async () => {
        await page.goto(path);
        const values = await Promise.all(
          metrics.map((name) => metric(page, name).getAttribute("data-value")),
        );
        return metrics.filter((_, i) => !/^\d/.test(values[i] ?? ""));
      };
      await expect.poll(missing).toEqual([]);
    }
    for (const table of ["cores", "disks", "interfaces"]) {
      const row = page.getByTestId(`table-${table}`).locator("[data-key]").first();
      await expect.poll(() => page.goto("/infrastructure").then(() => row.count())).toBe(1);
    }
    await page.goto("/business");
    await expect(metric(page, "business-orders")).toContainText("12");
    await expect(page.getByTestId("feed-orders")).toContainText("Desk lamp");
    await expect(page.getByTestId("table-regions").locator('[data-key="North"]')).toContainText("12");

    await publish("business", { orders: 13 });
    await page.goto("/business");
    await expect(metric(page, "business-orders")).toContainText("13");
  });

  test("[R2] what has come of a page's HTML is where it stays when the rest comes", async ({
    page,
    publish,
  }) => {
    await fillShop(publish);
    let grids = 0;
    for (const width of [390, 1440, 3000]) {
      await page.setViewportSize({ width, height: 900 });
      for (const path of allPages()) {
        await page.goto(path);
        const found = await movedByOthers(page);
        expect(found.moved, `${path} at ${width} px`).toEqual([]);
        grids += found.grids;
      }
    }
    expect(grids).toBeGreaterThan(allPages().length);
  });

  test("[R1] an empty channel says what it waits for and how to send it", async ({ page }) => {
    await page.goto("/business");
    const feed = page.getByTestId("feed-orders");
    await expect(feed).toContainText("Waiting for the first order");
    await expect(feed).toContainText(/curl .*\/api\/ingest\/orders/);
  });

  test("[R2] all widgets of a page are true at one cursor", async ({ page, produce }) => {
    produce({ everyMs: 10, figureMs: 0 });
    // Order n is stored before the card's n, so at any one cursor the feed is ahead by one or not at all.
    const counts: number[] = [];
    for (let i = 0; i < 20; i++) {
      await page.goto("/business");
      const count = Number(await page.getByTestId("feed-orders").getAttribute("data-count"));
      const card = Number(await metric(page, "business-orders").getAttribute("data-value"));
      expect([0, 1]).toContain(count - card);
      counts.push(count);
    }
    expect(counts.at(-1)! - counts[0]!).toBeGreaterThan(20);
  });
});

test("times are in the viewer's time zone, and in the HTML too from the second visit on", async ({
  page,
  publish,
}) => {
  const cursor = await publish("orders", { order: "A-1", item: "Desk lamp", amount: 49.9 });
  const sent = Number(cursor.split(".")[1]!.split("-")[0]);
  // The test's browser is in Berlin, an hour or two off UTC.
  const zone = { timeZone: "Europe/Berlin" };
  const there = new Date(sent).toLocaleTimeString("en-GB", zone);
  await page.goto("/business");
  await expect(page.getByTestId("feed-orders").locator("[data-key]")).toContainText(there);
  // Playwright's own requests do not ask for the page's language, whose clock has 24 hours.
  const headers = { "Accept-Language": "en-GB" };
  const html = await (await page.request.get("/business", { headers })).text();
  expect(html).toContain(there);
});

test("a chart is as high before its first data as with it: nothing jumps, and neighbours end together", async ({
  page,
  publish,
}) => {
  const chart = page.getByTestId("chart-revenue");
  const heights = async () => {
    const found: number[] = [];
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      found.push(Math.round((await chart.boundingBox())!.height));
    }
    return found;
  };
  await page.goto("/business");
  await expectLive(page);
  await expect(chart).toContainText("Waiting for the first figures");
  const empty = await heights();
  await publish("business", { orders: 12, revenue: 1840 });
  await expect(chart.locator("canvas")).toBeVisible();
  expect(await heights()).toEqual(empty);
});
