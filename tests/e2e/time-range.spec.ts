import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (ms: number) => new Date(ms).toISOString();

const chart = (page: Page) => page.getByTestId("chart-revenue");
const plot = (page: Page) => chart(page).getByRole("slider");
/** What the chart says at its left edge and so many steps of the crosshair further. */
async function readAt(page: Page, steps: number): Promise<string> {
  await plot(page).focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < steps; i++) await page.keyboard.press("ArrowRight");
  return (await plot(page).getAttribute("aria-valuetext")) ?? "";
}

/** When clocks in a zone were last set back, ms. */
function lastSetBack(timeZone: string): number {
  const offset = (ms: number) => {
    const text = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).format(ms);
    const [, hours = "0", minutes = "0"] = /GMT([+-]\d\d):(\d\d)/.exec(text) ?? [];
    return Number(hours) * 60 + Number(minutes);
  };
  // Changes are at whole hours; a change of the last day would lie in the future of some reading.
  let at = Math.floor(Date.now() / HOUR) * HOUR - 24 * HOUR;
  while (offset(at) >= offset(at - HOUR)) at -= HOUR;
  return at;
}

/** What a field of the form says at an instant (ms) of Berlin's winter. */
const wallText = (ms: number) => new Date(ms + HOUR).toISOString().slice(0, 19);

test("[A5] a link shows the same instants in every zone, and each hour of a clock change once", async ({
  browser,
  network,
  publish,
}) => {
  const change = lastSetBack("America/New_York");
  const from = change - 3 * HOUR;
  const to = change + 3 * HOUR;
  const readings = Array.from({ length: 24 }, (_, i) => ({ ts: from + i * 15 * MINUTE, revenue: 100 + i }));
  await publish("business", readings);
  await publish("business", { revenue: 500 });
  // A page shows what the archive has when it asks; what was just posted gets there a moment later.
  const query = `channel=business&metrics=revenue&from=${iso(from)}&to=${iso(to)}&points=24`;
  const archived = async () =>
    (await (await fetch(`${network.url}/api/history?${query}`)).json()).metrics.revenue.last.filter(
      Number.isFinite,
    );
  await expect.poll(archived).toHaveLength(readings.length);
  const link = `${network.url}/business?from=${iso(from)}&to=${iso(to)}`;
  const open = async (timezoneId: string) => {
    const context = await browser.newContext({ timezoneId, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto(link);
    await expectLive(page);
    await expect(chart(page)).toContainText("GMT");
    return page;
  };
  const newYork = await open("America/New_York");
  const labels = await chart(newYork)
    .locator("span", { hasText: /GMT[+-]/ })
    .allInnerTexts();
  const axis = labels.map((label) => label.replace(/\s/g, " "));
  expect(axis.filter((label) => label.startsWith("01:00"))).toEqual(["01:00 GMT-4", "01:00 GMT-5"]);
  expect(new Set(axis).size).toBe(axis.length);

  const kolkata = await browser.newContext({ timezoneId: "Asia/Kolkata", locale: "en-GB" });
  const elsewhere = await kolkata.newPage();
  await elsewhere.goto(link);
  await expectLive(elsewhere);
  for (const steps of [5, 25, 45]) {
    const [, ...here] = (await readAt(newYork, steps)).split(", ");
    const [, ...there] = (await readAt(elsewhere, steps)).split(", ");
    expect(here.at(0)).toMatch(/^Revenue today €\d+/);
    expect(there).toEqual(here);
  }
  await newYork.context().close();
  await kolkata.close();
});

test("[A5] bars of days begin at midnight where clocks differ from UTC by half an hour, from the server too", async ({
  browser,
  network,
  publish,
}) => {
  const KOLKATA_MS = 5.5 * HOUR;
  const midnight = Math.floor((Date.now() + KOLKATA_MS) / (24 * HOUR) - 2) * 24 * HOUR - KOLKATA_MS;
  const orders = [10, 17, 22, 25].map((count, i) => ({
    ts: midnight - 10 * MINUTE + i * 6 * MINUTE,
    orders: count,
  }));
  await publish("business", orders);
  const context = await browser.newContext({ timezoneId: "Asia/Kolkata", locale: "en-GB" });
  const page = await context.newPage();
  const link = `${network.url}/business?window=30d`;
  // On the first visit the server does not know where that is.
  await page.goto(link);
  await expectLive(page);
  const newest = page.getByTestId("chart-orders").locator("figcaption");
  // Its code has come, and with it another element. What is off the screen is not drawn.
  await expect(page.getByTestId("chart-orders").getByRole("slider")).toBeAttached();
  await page.getByTestId("chart-orders").scrollIntoViewIfNeeded();
  await expect(newest).toContainText("Newest whole bar: Orders 8");
  await expect
    .poll(async () => /Newest whole bar:[^.]*/.exec(await (await page.request.get(link)).text())?.[0])
    .toMatch(/Orders(<!-- -->| )*8/);
  await context.close();
});

test("[A5] a time that comes twice stays the one that it is, when its form is sent as it was", async ({
  page,
}) => {
  const change = lastSetBack("Europe/Berlin");
  // The second time that it is a quarter past and a quarter to, and once with seconds.
  const [from, to] = [change + 15 * MINUTE, change + 45 * MINUTE + 7000];
  await page.goto(`/business?from=${iso(from)}&to=${iso(to)}`);
  await expectLive(page);
  await page.getByTestId("range").click();
  await page.getByLabel("To", { exact: true }).fill(wallText(to - 10 * MINUTE));
  await page.getByRole("button", { name: "Show this time" }).click();
  // What was changed is the first of the two, so the start would come after it.
  await expect(
    page.getByRole("alert").filter({ hasText: "The end has to lie after the start." }),
  ).toBeVisible();
  await page.getByLabel("To", { exact: true }).fill(wallText(to));
  await page.getByRole("button", { name: "Show this time" }).click();
  await expect(page.getByRole("button", { name: "Show this time" })).toBeHidden();
  const { searchParams } = new URL(page.url());
  expect([searchParams.get("from"), searchParams.get("to")]).toEqual([iso(from), iso(to)]);
});

test("[A5] a window, a pause and a zoom are in the URL, and a link shows the same again", async ({
  page,
  publish,
}) => {
  const now = Date.now();
  const readings = Array.from({ length: 60 }, (_, i) => ({ ts: now - (60 - i) * MINUTE, revenue: 100 + i }));
  await publish("business", readings);
  await publish("business", { revenue: 200 });
  await page.goto("/business");
  await expectLive(page);
  await expect(chart(page)).toContainText("Last 5 minutes");

  await page.getByTestId("range").click();
  await page.getByRole("button", { name: "1 hour" }).click();
  await expect(page).toHaveURL(/\?window=1h$/);
  await expect(chart(page)).toContainText("Last hour");
  await expect(plot(page)).toBeVisible();
  await expect.poll(() => readAt(page, 30)).toMatch(/Revenue today €1\d\d/);

  await page.getByTestId("pause").click();
  await expect(page).toHaveURL(/window=1h&from=.*&to=/);
  const stopped = page.url();
  await expect(page.getByTestId("range-note")).toContainText("numbers and tables are live");
  const said = await readAt(page, 30);
  expect(said).toMatch(/Revenue today €1\d\d/);
  await publish("business", { revenue: 201 });
  await expect(page.getByTestId("metric-business-revenue")).toHaveAttribute("data-value", "201");
  expect(await readAt(page, 30)).toBe(said);

  const box = (await plot(page).boundingBox())!;
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
  await page.mouse.up();
  await expect(page).not.toHaveURL(stopped);
  const zoomed = new URL(page.url()).searchParams;
  const width = Date.parse(zoomed.get("to")!) - Date.parse(zoomed.get("from")!);
  expect(Math.abs(width - HOUR / 4)).toBeLessThan(HOUR / 50);
  await page.mouse.dblclick(box.x + box.width * 0.5, y);
  await expect(page).toHaveURL(stopped);

  await page.reload();
  await expectLive(page);
  await expect.poll(() => readAt(page, 30)).toBe(said);

  // Another page shows the same time.
  await page.getByRole("link", { name: "Infrastructure" }).click();
  await expect(page.getByTestId("chart-load")).toBeVisible();
  await expect(page).toHaveURL(/\/infrastructure\?window=1h&from=/);
  await page.getByTestId("range-note").getByRole("button", { name: "Back to live" }).click();
  await expect(page).toHaveURL(/\/infrastructure\?window=1h$/);
  await expect(page.getByTestId("range-note")).toHaveCount(0);
});

test("[R1] a chart of a wide range is in the server's HTML", async ({ browser, network, publish }) => {
  const now = Date.now();
  await publish(
    "business",
    Array.from({ length: 50 }, (_, i) => ({ ts: now - (50 - i) * MINUTE, revenue: 100 + i })),
  );
  await publish("business", { revenue: 200 });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${network.url}/business?window=1h`);
  const line = chart(page).locator("svg[preserveAspectRatio=none] path").first();
  await expect(line).toBeVisible();
  const drawn = (await line.getAttribute("d"))!.match(/[ML]/g)!;
  expect(drawn.length).toBeGreaterThanOrEqual(50);
  await context.close();
});

test("[A5] two charts compare with the time before, and a broken link still shows a page", async ({
  page,
  publish,
}) => {
  const now = Date.now();
  await publish("business", [
    ...Array.from({ length: 60 }, (_, i) => ({ ts: now - (120 - i) * MINUTE, revenue: 300 })),
    ...Array.from({ length: 59 }, (_, i) => ({ ts: now - (60 - i) * MINUTE, revenue: 100 })),
  ]);
  await publish("business", { revenue: 100 });
  await page.goto("/business?window=1h&compare=previous");
  await expectLive(page);
  await expect.poll(() => readAt(page, 30)).toMatch(/Revenue today €100, before €300/);
  await page.goto("/business?window=abc&from=yesterday&to=tomorrow&compare=what");
  await expectLive(page);
  await expect(chart(page)).toContainText("Last 5 minutes");
});
