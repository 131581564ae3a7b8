import { readFile } from "node:fs/promises";
import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";
import {
  box,
  cell,
  expectWhole,
  fill,
  product,
  regionTable,
  row,
  shownColumns,
  shownKeys,
  sku,
} from "@/tests/support/table-page";

test("sort, filters, columns and pins are in the URL: a reload and a link show the same", async ({
  page,
  context,
  publish,
}) => {
  await fill(publish, 1, 30);
  await page.goto("/business?kiosk=no&regions.sort=nonsense&regions.columns=nothing&regions.filter.x=1");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  expect((await shownKeys(table))[0]).toBe(sku(1));
  expect(await shownColumns(table)).toEqual(["region", "orders", "revenue", "change"]);

  await table.getByRole("button", { name: "Orders today" }).click();
  await expect(table.getByRole("columnheader", { name: "Orders today" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await table.getByRole("button", { name: "Revenue today" }).click({ modifiers: ["Shift"] });
  await table.getByRole("searchbox", { name: "Filter" }).fill("sku");
  await table.getByRole("button", { name: "Columns of Sales by region" }).click();
  const panel = page.getByRole("dialog", { name: "Columns" });
  await panel.getByRole("checkbox", { name: "Against yesterday" }).uncheck();
  await panel.getByRole("searchbox", { name: "Filter Orders today" }).fill(">500");
  await panel.getByRole("button", { name: "Pin Revenue today" }).click();
  await panel.getByRole("checkbox", { name: "Orders today" }).uncheck();
  await panel.getByRole("checkbox", { name: "Region" }).uncheck();
  await expect(panel.getByRole("checkbox", { name: "Revenue today" })).toBeDisabled();
  await panel.getByRole("checkbox", { name: "Region" }).check();
  await page.keyboard.press("Escape");

  const query = () => new URL(page.url()).searchParams;
  await expect.poll(() => query().get("regions.pinned")).toBe("region revenue");
  expect(Object.fromEntries(query())).toMatchObject({
    kiosk: "no",
    "regions.sort": "-orders -revenue",
    "regions.filter": "sku",
    "regions.filter.orders": ">500",
    "regions.columns": "region revenue",
  });
  const expected = Array.from({ length: 30 }, (_, i) => product(i + 1))
    .filter(({ orders }) => orders > 500)
    .sort((a, b) => b.orders - a.orders)
    .map(({ region }) => region);
  const look = async (of: Page) => ({
    columns: await shownColumns(regionTable(of)),
    keys: await shownKeys(regionTable(of)),
  });
  await expect.poll(() => look(page)).toEqual({ columns: ["region", "revenue"], keys: expected });
  await expect(table).toContainText(`${expected.length} of 30 rows match the filter`);

  await page.reload();
  expect(await look(page)).toEqual({ columns: ["region", "revenue"], keys: expected });
  await expectLive(page);
  await expectWhole(table);
  expect(await look(page)).toEqual({ columns: ["region", "revenue"], keys: expected });
  const other = await context.newPage();
  await other.goto(page.url());
  expect(await look(other)).toEqual({ columns: ["region", "revenue"], keys: expected });
  await expect(regionTable(other).getByRole("searchbox", { name: "Filter" })).toHaveValue("sku");

  await table.getByRole("searchbox", { name: "Filter" }).fill("no such row");
  await expect(table).toContainText("No row matches the filter");
  await table.getByRole("button", { name: "Clear the filter" }).click();
  await expect(table).toContainText("30 rows");
  await expect(table.getByRole("searchbox", { name: "Filter" })).toHaveValue("");
});

test("the rows that match are exported in their order, unrounded, and without formulas", async ({
  page,
  publish,
}) => {
  await publish("regions", [
    { region: "=HYPERLINK(1)", orders: 12_345, revenue: 0.5, change: -1.25 },
    { region: 'b, "c"', orders: 99_999 },
    { region: "no", orders: 1 },
  ]);
  await page.goto(
    "/business?regions.sort=-orders&regions.filter.orders=>1&regions.columns=region+orders+change",
  );
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    table.getByRole("button", { name: "Export" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^regions-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  expect(await readFile(await file.path(), "utf8")).toBe(
    '\ufeffRegion,Orders today,Against yesterday\r\n"b, ""c""",99999,\r\n\'=HYPERLINK(1),12345,-1.25\r\n',
  );
});

test("a row opens its details, which stay true while they are open, and gives the focus back", async ({
  page,
  publish,
}) => {
  await fill(publish, 1, 30);
  await publish("regions", { region: sku(3), revenue: 123_456 });
  await page.goto("/business");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  await expect(cell(table, sku(3), "revenue")).toHaveText("€123k");
  await cell(table, sku(3), "revenue").click();
  const details = page.getByRole("dialog", { name: sku(3) });
  const revenue = details.locator('[data-column="revenue"] dd');
  await expect(revenue).toHaveText("€123,456.00");
  await publish("regions", { region: sku(3), revenue: 200_001 });
  await expect(revenue).toHaveText("€200,001.00");
  // The connection's state stays in sight.
  await expect(page.getByRole("button", { name: /^Connection: Live/ })).toBeInViewport();

  await row(table, sku(5)).click({ position: { x: 20, y: 10 } });
  await expect(page.getByRole("dialog", { name: sku(5) })).toBeVisible();
  await publish("regions", { region: sku(5), $delete: true });
  await expect(page.getByRole("dialog", { name: sku(5) })).toContainText("not in the table any more");
  await expect(page.getByRole("dialog").locator('[data-column="orders"] dd')).toHaveText(
    String(product(5).orders),
  );
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await row(table, sku(7)).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: sku(7) })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(row(table, sku(7))).toBeFocused();
});

test("keys move by row, by screen and to the ends, also to rows that are not in the document yet", async ({
  page,
  publish,
}) => {
  await fill(publish, 1, 500);
  await page.goto("/business");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  const press = async (key: string, expected: string) => {
    await page.keyboard.press(key);
    await expect(row(table, expected)).toBeFocused();
    await expect(row(table, expected)).toBeInViewport({ ratio: 1 });
  };
  await row(table, sku(1)).focus();
  await press("ArrowDown", sku(2));
  await press("End", sku(500));
  expect(await table.locator("tr").count()).toBeLessThan(40);
  await press("ArrowUp", sku(499));
  await press("Home", sku(1));
  await page.keyboard.press("PageDown");
  const paged = await table.locator("tr:focus").getAttribute("aria-rowindex");
  expect(Number(paged)).toBeGreaterThan(8);
  await press("PageUp", sku(1));

  // The focus stays where it is when its row goes out of sight, and goes on to the next when its row is deleted.
  await box(table).evaluate((element) => {
    element.scrollTop = 8000;
  });
  await expect(row(table, sku(200))).toBeAttached();
  await expect(row(table, sku(1))).toBeFocused();
  await publish("regions", { region: sku(1), $delete: true });
  await expect(row(table, sku(2))).toBeFocused();
});

test("the whole table takes the first screen's place without a jump, a lost focus or a lost scroll", async ({
  page,
  publish,
}) => {
  await fill(publish, 1, 200);
  // All code that is asked for once the page is live waits.
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  await page.route("**/*.js*", async (route) => {
    const isLate = await page
      .evaluate(() => document.querySelector('[data-status="live"]') !== null)
      .catch(() => false);
    if (isLate) {
      isHeld = true;
      await released;
    }
    await route.continue();
  });
  await page.goto("/business");
  await expectLive(page);
  await expect.poll(() => isHeld).toBe(true);
  const table = regionTable(page);
  await expect(table.getByRole("button", { name: "Export" })).toBeDisabled();
  const filter = table.getByRole("searchbox", { name: "Filter" });
  await filter.pressSequentially("sku");
  await page.keyboard.press("ArrowLeft");
  await box(table).evaluate((element) => {
    element.scrollTop = 200;
  });
  const look = () =>
    table.evaluate((card) => ({
      scroll: card.querySelector("table")!.parentElement!.scrollTop,
      places: [...card.querySelectorAll("th, tr[data-key='SKU-00008'] td, button, input")].map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [element.textContent, x, y, width, height];
      }),
      focus: (document.activeElement as HTMLInputElement).selectionStart,
      isFilter: card.contains(document.activeElement),
    }));
  const before = await look();
  expect(before).toMatchObject({ focus: 2, isFilter: true, scroll: 200 });
  release();
  await expectWhole(table);
  expect(await look()).toEqual(before);
});

test("a changed cell is tinted, a row that comes into sight is not, and nothing moves for who asked for that", async ({
  page,
  publish,
}) => {
  await fill(publish, 1, 200);
  await page.goto("/business");
  await expectLive(page);
  const table = regionTable(page);
  await expectWhole(table);
  // Every animation that ever begins on a cell.
  await page.evaluate(() => {
    const tinted: string[] = [];
    const { animate } = Element.prototype;
    Element.prototype.animate = function (...args) {
      tinted.push(`${this.closest("tr")?.dataset.key} ${(this as HTMLElement).dataset.column}`);
      return animate.apply(this, args);
    };
    Object.assign(window, { tinted });
  });
  const tinted = () => page.evaluate(() => (window as unknown as { tinted: string[] }).tinted);
  await publish("regions", { region: sku(150), orders: 4321 });
  await publish("regions", { region: sku(2), orders: 4321 });
  // What was sent before is there too then.
  await expect.poll(tinted).toEqual([`${sku(2)} orders`]);
  await box(table).evaluate((element) => {
    element.scrollTop = 5600;
  });
  await expect(cell(table, sku(150), "orders")).toHaveText("4,321");
  await table.getByRole("button", { name: "Columns of Sales by region" }).click();
  await page.getByRole("checkbox", { name: "Orders today" }).uncheck();
  await page.getByRole("checkbox", { name: "Orders today" }).check();
  await expect(cell(table, sku(150), "orders")).toHaveText("4,321");
  expect(await tinted()).toEqual([`${sku(2)} orders`]);

  await page.emulateMedia({ reducedMotion: "reduce" });
  await publish("regions", { region: sku(150), orders: 1234 });
  await expect(cell(table, sku(150), "orders")).toHaveText("1,234");
  expect(await tinted()).toEqual([`${sku(2)} orders`]);
});

test("a feed is a table too: newest first, with its times, and new items come in at the top", async ({
  page,
  publish,
}) => {
  for (let n = 1; n <= 20; n++) await publish("orders", { order: `A-${n}`, item: "Lamp", amount: n });
  await page.goto("/business");
  await expectLive(page);
  const feed = page.getByTestId("feed-orders");
  await expectWhole(feed);
  const names = async () => feed.locator('td[data-column="order"]').allInnerTexts();
  expect((await names()).slice(0, 3)).toEqual(["A-20", "A-19", "A-18"]);
  await publish("orders", { order: "A-21", item: "Lamp", amount: 21 });
  await expect.poll(async () => (await names())[0]).toBe("A-21");
  await expect(feed).toHaveAttribute("data-count", "21");
  await expect(feed.getByRole("columnheader", { name: "Time" })).toHaveAttribute("aria-sort", "descending");
  await feed.getByRole("button", { name: "Amount" }).click();
  await feed.getByRole("button", { name: "Amount" }).click();
  await expect.poll(async () => (await names())[0]).toBe("A-1");
  await feed.getByRole("row", { name: /A-1\b/ }).first().click();
  await expect(page.getByRole("dialog", { name: "A-1" })).toContainText("€1.00");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("[R1] the first rows are there, in the order and with the filter of the URL", async ({
    page,
    publish,
  }) => {
    await fill(publish, 1, 300);
    await page.goto("/business?regions.sort=-orders&regions.filter.orders=<500");
    const table = regionTable(page);
    const expected = Array.from({ length: 300 }, (_, i) => product(i + 1))
      .filter(({ orders }) => orders < 500)
      .sort((a, b) => b.orders - a.orders)
      .map(({ region }) => region);
    expect(await shownKeys(table)).toEqual(expected.slice(0, 24));
    const note = table.locator("noscript p");
    await expect(note).toBeVisible();
    expect(await note.textContent()).toContain(`The first 24 of ${expected.length} rows`);
    await expect(table.getByRole("button", { name: "Export" })).toBeHidden();
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("only a table's own box scrolls sideways, and what is touched is large enough", async ({
    page,
    publish,
  }) => {
    await fill(publish, 1, 30);
    await publish("orders", { order: "A-1", item: "A standing desk of oak", customer: "Ada", amount: 1200 });
    await page.goto("/business");
    await expectLive(page);
    await expectWhole(regionTable(page));
    await expectWhole(page.getByTestId("feed-orders"));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const heads = page.getByTestId("feed-orders").getByRole("columnheader");
    expect(await heads.allInnerTexts()).toEqual(["Time", "Item", "Amount"]);
    const heights = await regionTable(page)
      .locator("tr[data-key], button, label")
      .evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await row(regionTable(page), sku(3)).tap();
    await expect(page.getByRole("dialog", { name: sku(3) })).toBeVisible();
    await page.getByRole("button", { name: "Close" }).tap();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });
});

test("a table says what it is to those who do not see it", async ({ page, publish }) => {
  await fill(publish, 1, 100);
  await page.goto("/business");
  await expectLive(page);
  const card = page.getByRole("region", { name: "Sales by region" });
  await expectWhole(card);
  const table = card.getByRole("table", { name: /^Sales by region\./ });
  await expect(table).toHaveAttribute("aria-rowcount", "101");
  await expect(table.getByRole("row", { name: sku(7) })).toHaveAttribute("aria-rowindex", "8");
  // Only rows that are there are told of, and every one has all its cells.
  const rows = await table.getByRole("row").count();
  expect(await table.getByRole("cell").count()).toBe((rows - 1) * 4);
  const nameless = await card
    .locator("button, input, a")
    .evaluateAll((all) =>
      all.filter(
        (element) =>
          !(element.textContent?.trim() || element.ariaLabel || element.closest("label")?.textContent),
      ),
    );
  expect(nameless).toEqual([]);
  const tabStops = await table.locator("tbody [tabindex='0']").count();
  expect(tabStops).toBe(1);
});
