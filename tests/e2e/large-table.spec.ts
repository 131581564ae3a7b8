import type { CDPSession, Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";
import {
  box,
  cell,
  expectWhole,
  fill,
  type Publish,
  regionTable,
  row,
  shownKeys,
  sku,
} from "@/tests/support/table-page";

// To trace every change costs more than to show it.
test.use({ trace: "off" });

/** Posts what `make` gives, about fifty times a second, until it is told to stop; gives how many were posted. */
function keepPosting(publish: Publish, make: (n: number) => object) {
  let count = 0;
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const next = new Promise((resolve) => setTimeout(resolve, 20));
      await publish("regions", make(count++));
      await next;
    }
  })();
  return {
    count: () => count,
    async stop() {
      isOver = true;
      await done;
    },
  };
}

/** From now on: how much of the time the page's main thread is busy, and its longest task. */
async function measure(page: Page, cdp: CDPSession) {
  await cdp.send("Performance.enable");
  const busySeconds = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ entryTypes: ["longtask"] });
    Object.assign(window, { longTasks: tasks });
  });
  const [from, at] = [await busySeconds(), Date.now()];
  return async () => {
    const share = ((await busySeconds()) - from) / ((Date.now() - at) / 1000);
    const long = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
    return `main thread busy: ${Math.round(share * 100)} %; tasks over 50 ms: ${long.length}, longest ${Math.max(0, ...long)} ms`;
  };
}

test.describe("10,000 rows with 50 changes a second", () => {
  const SELECTED = sku(5000);

  test("leave the reader's place and selection, and few of them are in the document", async ({
    page,
    publish,
  }) => {
    await fill(publish, 1000, 10_899);
    await page.goto("/business");
    await expectLive(page);
    const table = regionTable(page);
    await expectWhole(table);
    await expect(table).toContainText("9,900 rows");
    await expect(table.getByRole("table")).toHaveAttribute("aria-rowcount", "9901");

    await box(table).evaluate((element) => {
      element.scrollTop = 4000 * 40;
    });
    await row(table, SELECTED).click();
    await expect(page.getByRole("dialog", { name: SELECTED })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(row(table, SELECTED)).toBeFocused();
    // Neither the pointer nor the focus holds it.
    await page.mouse.move(0, 0);
    await page.getByRole("button", { name: /^Connection:/ }).focus();
    const before = await row(table, SELECTED).boundingBox();
    const scrollBefore = await box(table).evaluate((element) => element.scrollTop);
    const cdp = await page.context().newCDPSession(page);
    const busy = await measure(page, cdp);

    // Rows come and go above it, and values change on the screen and elsewhere.
    const posting = keepPosting(publish, (n) => {
      if (n % 5 === 0) return { region: `SKU-00${String(n).padStart(4, "0")}`, orders: n };
      if (n % 10 === 1) return { region: sku(1000 + n), $delete: true };
      if (n % 5 === 2) return { region: sku(5002), orders: n };
      return { region: sku(3000 + ((n * 37) % 7000)), orders: n, revenue: n };
    });
    let tops = new Set<number>();
    await expect
      .poll(
        async () => {
          tops = tops.add((await row(table, SELECTED).boundingBox())!.y);
          return posting.count();
        },
        { intervals: [100], timeout: 60_000 },
      )
      .toBeGreaterThan(250);
    console.log(await busy());
    await posting.stop();
    const last = posting.count() - 1;
    const newest = [...Array(last + 1).keys()].findLast((n) => n % 5 === 2)!;
    await expect(cell(table, sku(5002), "orders")).toHaveText(newest.toLocaleString("en-GB"));

    expect([...tops]).toEqual([before!.y]);
    const scrolled = await box(table).evaluate((element) => element.scrollTop);
    // It had to scroll for that, as more rows came above than went.
    expect(scrolled).not.toBe(scrollBefore);
    await expect(row(table, SELECTED)).toHaveAttribute("aria-current", "true");
    expect(await table.locator("tr").count()).toBeLessThan(40);
    await box(table).evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await expect(row(table, sku(10_899))).toBeVisible();
    expect(await table.locator("tr").count()).toBeLessThan(40);
  });

  test("push the others down at the top, unless somebody points at one", async ({ page, publish }) => {
    await fill(publish, 1000, 1100);
    await page.goto("/business?regions.sort=-orders");
    await expectLive(page);
    const table = regionTable(page);
    await expectWhole(table);
    await publish("regions", { region: "first", orders: 5000 });
    await expect.poll(async () => (await shownKeys(table))[0]).toBe("first");
    expect(await box(table).evaluate((element) => element.scrollTop)).toBe(0);

    await row(table, "first").hover();
    const top = (await row(table, "first").boundingBox())!.y;
    await publish("regions", { region: "second", orders: 6000 });
    await expect.poll(async () => (await shownKeys(table))[0]).toBe("second");
    expect((await row(table, "first").boundingBox())!.y).toBe(top);
    await page.mouse.move(0, 0);
    await expect.poll(() => box(table).evaluate((element) => element.scrollTop)).toBe(0);
  });
});
