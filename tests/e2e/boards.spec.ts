import type { Locator, Page } from "playwright/test";
import { BOARD_COOKIE, type Board, type Widget } from "@/lib/shared/boards/board";
import { writeBoard } from "@/lib/shared/boards/board-code";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectStale, metric } from "@/tests/support/page-state";

const widget = (kind: Widget["kind"], channel: string, of: string[], place: Partial<Widget>): Widget => ({
  ...{ kind, channel, of, x: 0, w: 3, h: 4 },
  ...place,
});
const SHOP: Board = {
  name: "Shop floor",
  widgets: [
    widget("card", "business", ["orders"], {}),
    widget("card", "business", ["revenue"], { x: 3 }),
    widget("line", "infrastructure", ["cpu", "memory"], { x: 6, w: 6, h: 6 }),
    widget("table", "regions", [], { w: 6, h: 6 }),
  ],
};
const link = (board: Board) => `/board?b=${writeBoard(board)}`;

const widgets = (page: Page) => page.getByRole("list", { name: "Widgets" }).locator("[data-widget]");
const order = (page: Page) =>
  widgets(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-widget")));
const button = (of: Page | Locator, name: string | RegExp) => of.getByRole("button", { name, exact: true });

/** Opens the page with a board of one's own, kept from somebody's link. */
async function keep(page: Page, board: Board) {
  await page.goto(link(board));
  await expectLive(page);
  await button(page, "Keep as my board").click();
  await page.waitForURL(/\/board$/);
  await expect(button(page, "Edit")).toBeEnabled();
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("[R1] a link shows its board with the numbers of this request", async ({ page, publish }) => {
    await publish("business", { orders: 12, revenue: 1840 });
    await publish("regions", { region: "North", orders: 12 });
    await page.goto(link(SHOP));
    await expect(page.getByRole("heading", { level: 1, name: "Shop floor" })).toBeVisible();
    await expect(metric(page, "business-orders")).toContainText("12");
    await expect(page.getByTestId("table-regions").locator('[data-key="North"]')).toContainText("12");
    await publish("business", { orders: 13 });
    await page.goto(link(SHOP));
    await expect(metric(page, "business-orders")).toContainText("13");
  });

  test("[R1] the own board is in the first HTML", async ({ page, context, network, publish }) => {
    await publish("business", { orders: 12 });
    const cookie = { name: BOARD_COOKIE, value: writeBoard(SHOP), domain: "127.0.0.1", path: "/board" };
    await context.addCookies([cookie]);
    await page.goto(`${network.url}/board`);
    await expect(metric(page, "business-orders")).toContainText("12");
  });

  test("a link that was cut off, and widgets that are not there, say so and break nothing", async ({
    page,
  }) => {
    await page.goto(link(SHOP).slice(0, -3));
    await expect(page.getByText("This link holds no board, or only a part of one.")).toBeVisible();
    await expect(page.getByTestId("board-empty")).toBeVisible();
    const old: Board = {
      name: "<b>Old</b>",
      widgets: [widget("card", "gone", ["x"], {}), widget("card", "business", ["orders"], { x: 3 })],
    };
    await page.goto(link(old));
    await expect(page.getByRole("heading", { level: 1, name: "<b>Old</b>" })).toBeVisible();
    await expect(page.getByTestId("widget-missing")).toContainText("gone x");
    await expect(metric(page, "business-orders")).toBeVisible();
  });
});

test("the first board is picked from the catalogue, named, and there at the first paint of the next visit", async ({
  page,
  context,
  publish,
}) => {
  await publish("business", { orders: 12, revenue: 1840 });
  await page.goto("/board");
  await expectLive(page);
  await button(page, "Pick widgets").click();
  const picker = page.getByRole("dialog");
  await expect(picker).toHaveAccessibleName("Pick widgets");
  await expect(picker.getByRole("searchbox", { name: "Search" })).toBeFocused();
  await page.keyboard.type("orders today");
  await button(picker, /^Orders today, number$/).click();
  await expect(picker.getByRole("status")).toHaveText("Orders today added.");
  await expect(picker).toHaveAccessibleName("Add to My board");
  await picker.getByRole("searchbox").fill("cpu");
  await picker.getByRole("combobox", { name: "Group" }).selectOption("Infrastructure");
  const line = picker.getByRole("button", { name: /, line$/ }).first();
  await line.click();
  await expect(line).toHaveAttribute("aria-pressed", "true");
  await button(picker, "Done").click();
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "12");
  await expect(widgets(page)).toHaveCount(2);

  await button(page, "Edit").click();
  const name = page.getByRole("textbox", { name: "Name of the board" });
  await name.fill("Morning");
  await name.press("Enter");
  await button(page, "Done").click();
  await expect(page.getByRole("heading", { level: 1, name: "Morning" })).toBeVisible();

  // No other page is told what is on it.
  const { origin } = new URL(page.url());
  const sentTo = async (path: string) => (await context.cookies(origin + path)).map(({ name }) => name);
  expect(await sentTo("/board")).toContain(BOARD_COOKIE);
  expect(await sentTo("/business")).not.toContain(BOARD_COOKIE);
  const html = await (await context.request.get(`${origin}/board`)).text();
  // Playwright's own requests have the browser's cookies.
  expect(html).toContain("Morning");
  expect(html).toContain('data-testid="metric-business-orders"');
});

test("a chart is put on the board from its menu, on any page", async ({ page, publish }) => {
  await publish("business", { revenue: 1840 });
  await page.goto("/business");
  await expectLive(page);
  await button(page, "Revenue today: table and downloads").click();
  await page.getByRole("menuitem", { name: "Add to my board" }).click();
  await expect(page.getByRole("menuitem", { name: "On My board" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Added to My board." })).toBeAttached();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "My board", exact: true }).click();
  await expect(page.getByTestId("chart-line-business-revenue")).toBeVisible();
});

test("widgets are moved, resized and removed by keyboard; each step is said, and the focus stays", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await keep(page, SHOP);
  await button(page, "Edit").click();
  const move = button(page, "Move Orders today");
  const before = (await widgets(page).first().boundingBox())!;
  await move.focus();
  await page.keyboard.press("ArrowDown");
  await expect(move).toBeFocused();
  const said = page.getByRole("status").filter({ hasText: /^Orders today: Place \d of 4: row/ });
  await expect(said).toBeAttached();
  const box = () => page.locator('[data-widget="card.business.orders"]').boundingBox();
  await expect.poll(async () => (await box())!.y).toBeGreaterThan(before.y + 100);

  const size = button(page, "Resize Orders today");
  await size.focus();
  await page.keyboard.press("ArrowRight");
  await expect(size).toBeFocused();
  await expect.poll(async () => (await box())!.width).toBeGreaterThan(before.width + 40);

  const changed = await order(page);
  await button(page, "Remove Revenue today").click();
  await expect(widgets(page)).toHaveCount(3);
  await expect(button(page, "Undo")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(widgets(page)).toHaveCount(4);
  expect(await order(page)).toEqual(changed);
  await expect(button(page, "Remove Revenue today")).toBeFocused();
  // All of it was stored.
  await page.reload();
  expect(await order(page)).toEqual(changed);
});

test("a widget is dragged with the pointer to another place, and by its corner to another size; Escape leaves it", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await keep(page, SHOP);
  await button(page, "Edit").click();
  const card = page.locator('[data-widget="card.business.orders"]');
  const chart = page.locator('[data-widget="line.infrastructure.cpu.memory"]');
  const at = async (of: Locator) => (await of.boundingBox())!;
  const drag = async (from: { x: number; y: number }, by: { x: number; y: number }) => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + by.x / 2, from.y + by.y / 2);
    await page.mouse.move(from.x + by.x, from.y + by.y);
  };
  const first = await at(card);
  const target = await at(chart);
  await drag({ x: first.x + 40, y: first.y + 100 }, { x: target.x - first.x, y: 0 });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  expect(await at(card)).toEqual(first);

  await drag({ x: first.x + 40, y: first.y + 100 }, { x: target.x - first.x, y: 0 });
  await page.mouse.up();
  await expect.poll(async () => Math.round((await at(card)).x)).toBe(Math.round(target.x));

  const corner = (await button(page, "Resize CPU and Memory").boundingBox())!;
  const high = (await at(chart)).height;
  await drag({ x: corner.x + 16, y: corner.y + 16 }, { x: 0, y: 130 });
  await page.mouse.up();
  await expect.poll(async () => (await at(chart)).height).toBeGreaterThan(high + 100);
});

test("several boards: made, chosen, deleted and brought back", async ({ page }) => {
  await keep(page, SHOP);
  await button(page, "Edit").click();
  await button(page, "New board").click();
  await expect(page.getByRole("heading", { name: "This board is empty" })).toBeVisible();
  await button(page, "Done").click();
  await expect(page.getByRole("heading", { level: 1, name: "My board" })).toBeVisible();
  const choice = page.getByRole("combobox", { name: "Board" });
  await choice.selectOption("Shop floor");
  await expect(widgets(page)).toHaveCount(4);
  await expect(page.getByRole("heading", { level: 1, name: "Shop floor" })).toBeVisible();
  await button(page, "Edit").click();
  await button(page, "Delete the board Shop floor").click();
  await expect(widgets(page)).toHaveCount(0);
  await button(page, "Undo").click();
  await expect(widgets(page)).toHaveCount(4);
  await expect(page.getByText("“Shop floor” is back.").first()).toBeVisible();
});

test("what the browser's storage holds of no board is told and put aside, and the page works", async ({
  page,
}) => {
  await page.addInitScript(() => {
    if (!localStorage.getItem("nowboard.boards"))
      localStorage.setItem("nowboard.boards", '{"boards":[{"x":1}]}');
  });
  await page.goto("/board");
  await expectLive(page);
  await expect(page.getByText("Some of what this browser had kept could not be read.")).toBeVisible();
  await button(page, "Pick widgets").click();
  await page.getByRole("button", { name: "Orders today, number" }).click();
  await button(page, "Done").click();
  await expect(metric(page, "business-orders")).toBeVisible();
  await expect(page.getByText("could not be read")).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem("nowboard.boards.unreadable"))).toBe(
    '{"boards":[{"x":1}]}',
  );
});

test("[C7] without a connection the board is arranged all the same, and what is added comes later", async ({
  page,
  network,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await keep(page, SHOP);
  await button(page, "Edit").click();
  // The catalogue is there before it is needed.
  await button(page, "Add widgets").click();
  await button(page.getByRole("dialog"), "Close").click();
  network.set({ network: "cut" });
  await expectStale(page);
  await button(page, "Remove Orders today").click();
  await expect(widgets(page)).toHaveCount(3);
  await button(page, "Add widgets").click();
  await page.getByRole("button", { name: "Active viewers, number" }).click();
  await button(page, "Done").last().click();
  await expect(page.getByText("It comes when the connection is back.")).toBeVisible();
  network.set({ network: "pass" });
  await expectLive(page);
  await expect(metric(page, "api-viewers")).toHaveAttribute("data-value", /\d/);
});

test("on a phone a board is one column of charts, moved by buttons, without scrolling sideways; a wall has no tools", async ({
  page,
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await keep(page, SHOP);
  const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(await isWide()).toBe(false);
  await button(page, "Edit").click();
  expect(await isWide()).toBe(false);
  await expect(button(page, "Resize Orders today")).toBeHidden();
  const down = button(page, "Move Orders today down");
  await down.click();
  await expect(down).toBeFocused();
  await expect
    .poll(async () => (await order(page)).slice(0, 2))
    .toEqual(["card.business.revenue", "card.business.orders"]);
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto("/board?kiosk");
  await expectLive(page);
  await expect(widgets(page)).toHaveCount(4);
  await expect(page.getByRole("button", { name: /Edit|Share/ })).toHaveCount(0);
});
