import { readFile } from "node:fs/promises";
import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";

const chart = (page: Page, name: string) => page.getByTestId(`chart-${name}`);

async function choose(page: Page, name: string, item: string) {
  await chart(page, name)
    .getByRole("button", { name: /: table and downloads$/ })
    .click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function download(page: Page, name: string, item: string) {
  const waiting = page.waitForEvent("download");
  await choose(page, name, item);
  const file = await waiting;
  return { name: file.suggestedFilename(), body: await readFile((await file.path())!) };
}

test("a chart is shown as a table: its times with their offset from UTC, a column for each line", async ({
  page,
}) => {
  await page.goto("/infrastructure");
  await expectLive(page);
  await choose(page, "network", "Show as table");
  const table = page.getByTestId("chart-table");
  await expect(table.getByRole("columnheader")).toHaveText(["Time from", /^In/, /^Out/]);
  await expect(table.getByRole("rowheader").first()).toHaveText(/^\d\d:\d\d:\d\d UTC[+-]\d\d:\d\d$/);
  await expect(table.getByRole("caption")).toHaveText(/^Network, Last 5 minutes$/);
  await page.keyboard.press("Escape");
  await expect(table).toBeHidden();
  await expect(chart(page, "network").getByRole("button", { name: /table and downloads/ })).toBeFocused();
});

test("a silence is a row of the table, and empty cells of the CSV file", async ({ page, publish }) => {
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  for (const ms of [290_000, 280_000, 10_000])
    await publish("business", { ts: ago(ms), orders: 5, revenue: 90 });
  await page.goto("/business");
  await expectLive(page);
  const file = await download(page, "revenue", "Download CSV");
  expect(file.name).toMatch(/^revenue-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  const lines = file.body.toString("utf8").replace("\ufeff", "").trimEnd().split("\r\n");
  expect(lines[0]).toBe("Time (UTC),Revenue today (EUR)");
  expect(lines.slice(1).map((line) => line.replace(/^[^,]*/, ""))).toEqual([",90", ",90", ",", ",90"]);
  expect(Date.parse(lines[1]!.split(",")[0]!)).toBeGreaterThan(Date.now() - 600_000);
  await choose(page, "revenue", "Show as table");
  await expect(
    page.getByTestId("chart-table").getByText(/^no data \d\d:\d\d:\d\d–\d\d:\d\d:\d\d$/),
  ).toBeVisible();
});

test("the names of a table's rows are text in the CSV file, whatever they are", async ({ page, publish }) => {
  await publish("regions", { region: "=1+1", orders: 1, revenue: -5 });
  await publish("regions", { region: "North, by sea", orders: 2, revenue: 7.5 });
  await page.goto("/business");
  await expectLive(page);
  const { body } = await download(page, "regions", "Download CSV");
  expect(body.toString("utf8")).toBe(
    '\ufeffRegion,Revenue today (EUR)\r\n"North, by sea",7.5\r\n\'=1+1,-5\r\n',
  );
});

for (const [path, name] of [
  ["/api", "response-times"],
  ["/api", "viewers"],
  ["/business", "orders"],
  ["/business", "regions"],
] as const)
  test(`the image of ${name} is a PNG file that shows something`, async ({ page, publish }) => {
    await publish("business", { ts: new Date(Date.now() - 60_000).toISOString(), orders: 2, newUsers: 1 });
    await publish("business", { ts: new Date(Date.now() - 30_000).toISOString(), orders: 9, newUsers: 5 });
    await publish("regions", { region: "North", orders: 2, revenue: 7.5 });
    // A range that has only begun, so that the newest readings do not stand at its right edge.
    const [from, to] = [-120_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
    await page.goto(`${path}?from=${from}&to=${to}`);
    await expectLive(page);
    // Its code takes the place of its HTML once the page is live.
    if (name !== "regions") await expect(chart(page, name).getByRole("slider")).toBeAttached();
    await chart(page, name).scrollIntoViewIfNeeded();
    if (name === "viewers") await expect(chart(page, name).locator("[data-total]")).not.toHaveText("Total 0");
    if (name === "response-times")
      await expect(chart(page, name).locator('path[style*="--heat-"]').first()).toBeAttached();
    const file = await download(page, name, "Download PNG");
    expect(file.name).toMatch(new RegExp(`^${name}-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ\\.png$`));
    const image = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const [red, green, blue] = data;
      let coloured = 0;
      let other = 0;
      for (let i = 0; i < data.length; i += 4) {
        // The labels, which have colours too, are at the right.
        const isPlot = (i / 4) % bitmap.width < 0.8 * bitmap.width;
        if (isPlot && Math.abs(data[i]! - data[i + 2]!) > 60) coloured += 1;
        if (data[i] !== red || data[i + 1] !== green || data[i + 2] !== blue) other += 1;
      }
      return { width: bitmap.width, height: bitmap.height, coloured, other, isOpaque: data[3] === 255 };
    }, file.body.toString("base64"));
    expect(image.width).toBe(1920);
    expect(image.height).toBeGreaterThan(600);
    expect(image.isOpaque).toBe(true);
    // Text and grid, and what is drawn in colour.
    expect(image.other).toBeGreaterThan(3000);
    expect(image.coloured).toBeGreaterThan(200);
  });

test("a bar shows how much a counter grew, and goes on growing while it is not over", async ({
  page,
  publish,
}) => {
  // Two readings in the past, so that their bar is over whenever the test runs.
  const at = Math.floor(Date.now() / 20_000) * 20_000 - 100_000;
  await publish("business", { ts: new Date(at).toISOString(), orders: 10, newUsers: 4 });
  await publish("business", { ts: new Date(at + 5000).toISOString(), orders: 17, newUsers: 6 });
  await page.goto("/business");
  await expectLive(page);
  const orders = chart(page, "orders");
  await expect(orders.getByRole("figure").or(orders)).toHaveAttribute("aria-label", "Orders and new users");
  await expect(orders.locator("figcaption")).toContainText("Orders 7, New users 2");
  // Bars are 20 s wide here: this one is not over before it was looked at.
  await expect.poll(() => Date.now() % 20_000, { timeout: 30_000 }).toBeLessThan(6000);
  await publish("business", { orders: 22, newUsers: 6 });
  // What the crosshair reads is said when it is moved.
  const slider = orders.getByRole("slider");
  const read = async () => {
    await slider.press("Home");
    await slider.press("End");
    return slider.getAttribute("aria-valuetext");
  };
  await expect.poll(read).toMatch(/so far, Orders 5, New users 0/);
});

test("a stack tells the total of its parts", async ({ page }) => {
  await page.goto("/api");
  await expectLive(page);
  const viewers = chart(page, "viewers");
  // Its code has come, and with it another element. What is off the screen is not drawn.
  await expect(viewers.getByRole("slider")).toBeAttached();
  await viewers.scrollIntoViewIfNeeded();
  await expect(viewers.locator("[data-total]")).toHaveText("Total 1");
  await expect(viewers.getByRole("slider")).toHaveAttribute(
    "aria-label",
    "Active viewers by transport: time",
  );
});

test("a gauge is a meter with its least and most, and says what it reads", async ({ page }) => {
  await page.goto("/infrastructure");
  await expectLive(page);
  const meter = page.getByRole("meter", { name: "Disk" });
  await expect(meter).toHaveAttribute("aria-valuemax", "100");
  await expect(meter).toHaveAttribute("aria-valuetext", /^\d+\.\d\s%/);
  expect(Number(await meter.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
});

test("the server draws comparisons, bars and shades too", async ({ browser, network, publish }) => {
  const at = Math.floor(Date.now() / 20_000) * 20_000 - 100_000;
  await publish("business", { ts: new Date(at).toISOString(), orders: 10, newUsers: 4, revenue: 1 });
  await publish("business", { ts: new Date(at + 5000).toISOString(), orders: 17, newUsers: 6, revenue: 9 });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${network.url}/business`);
  await expect(chart(page, "orders").locator('svg path[style*="--chart-1"]').first()).toBeAttached();
  const heat = page.getByTestId("chart-response-times").locator('svg path[style*="--heat-"]');
  const drawn = async () => {
    await page.goto(`${network.url}/api`);
    return heat.count();
  };
  await expect.poll(drawn).toBeGreaterThan(0);
  await context.close();
});
