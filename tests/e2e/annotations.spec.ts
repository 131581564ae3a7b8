import type { Locator, Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectLive } from "@/tests/support/page-state";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const iso = (ms: number) => new Date(ms).toISOString();

const charts = (page: Page): Locator => page.getByTestId(/^chart-/);
const flags = (page: Page, name: string | RegExp): Locator => page.getByRole("button", { name, exact: true });
const dialog = (page: Page): Locator => page.getByTestId("note-dialog");

/** Where a flag's hairline is, of the plot's width. */
async function placeOf(page: Page, title: string): Promise<number> {
  const chart = charts(page).first();
  const flag = await chart.getByRole("button", { name: title }).locator("span").first().boundingBox();
  const plot = await chart.getByRole("slider").boundingBox();
  return (flag!.x + flag!.width / 2 - plot!.x) / plot!.width;
}

/** How long ago the time of day in a text was, less than an hour, at each call, ms. */
function ageOf(text: string): () => number {
  const [, minutes, seconds] = /:(\d\d):(\d\d)/.exec(text)!;
  const at = Number(minutes) * MINUTE + Number(seconds) * 1000;
  return () => ((Date.now() % HOUR) - at + HOUR) % HOUR;
}

/** Waits until the page asks nothing more than its readings, so that the charts' own code is there. */
async function expectCharts(page: Page) {
  await expectLive(page);
  await expect(charts(page).first().getByRole("slider")).toBeVisible();
  await expect(charts(page).locator("canvas").first()).toBeVisible();
}

test("[A6] what a deploy script posts is on every chart of all open pages, within a second, and their text is text", async ({
  browser,
  network,
  page,
  publish,
}) => {
  // What is off the screen is not drawn.
  const viewport = { width: 1280, height: 2400 };
  await page.setViewportSize(viewport);
  await page.goto("/infrastructure");
  await expectCharts(page);
  const other = await (await browser.newContext({ viewport })).newPage();
  await other.goto(`${network.url}/api`);
  await expectCharts(other);

  await publish("annotations", { kind: "deploy", title: "v1.42" });
  for (const viewer of [page, other]) {
    const count = await charts(viewer).count();
    expect(count).toBeGreaterThan(3);
    await expect(flags(viewer, "Deploy: v1.42")).toHaveCount(count, { timeout: 5000 });
  }
  const place = await placeOf(page, "v1.42");
  expect(place).toBeGreaterThan(0.9);

  const hostile = `"><img src=x onerror="document.title='owned'">`;
  const at = Date.now() - 2 * MINUTE;
  const text = "<script>document.title='owned'</script>";
  await publish("annotations", { kind: "incident", title: hostile, text, by: "<b>ops</b>", ts: at });
  const flag = flags(page, `Incident: ${hostile}`).first();
  await flag.hover();
  const hint = page.getByTestId("flag-hint");
  await expect(hint).toContainText(`Incident: ${hostile} · by <b>ops</b> · ${text}`);
  // What is said of a flag covers no part of any plot.
  const [said, plot] = [
    await hint.boundingBox(),
    await charts(page).first().getByRole("slider").boundingBox(),
  ];
  expect(said!.y + said!.height).toBeLessThanOrEqual(plot!.y);
  await flag.click();
  const details = page.getByTestId("flag-details");
  await expect(details).toContainText(text);
  const box = await details.boundingBox();
  expect(box!.y + box!.height).toBeLessThanOrEqual(plot!.y);
  // Only what was added by hand can be removed.
  await expect(details.getByRole("button", { name: "Remove" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(details).toHaveCount(0);
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
  expect(await page.title()).not.toBe("owned");
});

test("[A6] one is added with the keyboard alone, at the crosshair's time, and removed again", async ({
  browser,
  network,
  page,
}) => {
  // What is off the screen is not drawn.
  const viewport = { width: 1280, height: 2400 };
  await page.setViewportSize(viewport);
  await page.goto("/infrastructure");
  await expectCharts(page);
  const other = await (await browser.newContext({ viewport })).newPage();
  await other.goto(`${network.url}/infrastructure`);
  await expectCharts(other);

  const slider = charts(page).first().getByRole("slider");
  await slider.focus();
  await page.keyboard.press("End");
  // Half of a plot of five minutes.
  for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowLeft");
  const age = ageOf((await slider.getAttribute("aria-valuetext"))!);
  await page.keyboard.press("n");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.type("Cache warmed");
  await page.keyboard.press("Tab");
  await page.keyboard.type("By hand, as the job was late.");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Inc");
  await page.keyboard.press("Enter");
  const zone = await dialog(page).getByText("When (Europe/Berlin)").count();
  expect(zone).toBe(1);
  if (await dialog(page).isVisible()) await dialog(page).getByRole("button", { name: "Add" }).press("Enter");
  await expect(dialog(page)).toHaveCount(0);
  await expect(slider).toBeFocused();

  const name = "Incident: Cache warmed";
  for (const viewer of [page, other])
    await expect(flags(viewer, name)).toHaveCount(await charts(viewer).count(), { timeout: 5000 });
  const place = await placeOf(page, "Cache warmed");
  expect(place).toBeCloseTo(1 - age() / (5 * MINUTE), 1);
  // A machine that took long over this has moved it on.
  expect(place).toBeLessThan(0.6);
  await page.reload();
  await expectCharts(page);
  await expect(flags(page, name)).toHaveCount(await charts(page).count());

  await slider.focus();
  await page.keyboard.press("Tab");
  await expect(flags(page, name).first()).toBeFocused();
  await expect(page.getByTestId("flag-hint")).toContainText("By hand, as the job was late.");
  await page.keyboard.press("Enter");
  const details = page.getByTestId("flag-details");
  await expect(details).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(details.getByRole("button", { name: "Remove" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: /^Remove .Cache warmed/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  for (const viewer of [page, other]) await expect(flags(viewer, name)).toHaveCount(0);
  await page.reload();
  await expectCharts(page);
  await expect(flags(page, name)).toHaveCount(0);
});

test("[A6] without a connection a note is not stored, says so, and keeps its text; then it is stored once", async ({
  context,
  page,
  pageErrors,
}) => {
  await page.goto("/infrastructure");
  await expectCharts(page);
  await page.getByTestId("range").click();
  await page.getByRole("button", { name: "Add a note to the charts" }).click();
  await dialog(page).getByLabel("What happened").fill("Power cut");
  await context.setOffline(true);
  await dialog(page).getByRole("button", { name: "Add" }).click();
  await expect(dialog(page).getByRole("alert")).toContainText("It was not stored");
  await expect(dialog(page).getByLabel("What happened")).toHaveValue("Power cut");
  await context.setOffline(false);
  await dialog(page).getByRole("button", { name: "Add" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByTestId("range")).toBeFocused();
  await expect(flags(page, "Note: Power cut")).toHaveCount(await charts(page).count());
  await expect(connection(page)).toHaveAttribute("data-status", "live", { timeout: 60_000 });
  pageErrors.length = 0;
});

test("[A6][R1] those of a week ago are in the HTML of a link to that time, and live", async ({
  page,
  publish,
}) => {
  const week = Date.now() - 7 * DAY;
  const link = `/infrastructure?from=${iso(week - HOUR)}&to=${iso(week + HOUR)}`;
  const until = week + 30 * MINUTE;
  await publish("annotations", { kind: "incident", title: "Old fault", ts: week, until });
  await publish("annotations", { kind: "deploy", title: "Of today" });
  // More than the feed holds: it is the archive that knows.
  const others = Array.from({ length: 60 }, (_, i) => ({
    kind: "note",
    title: `n${i}`,
    ts: week - 9 * DAY + i,
  }));
  await publish("annotations", others);

  const html = await (await page.request.get(link)).text();
  expect(html.split('aria-label="Incident: Old fault"').length - 1).toBeGreaterThan(3);
  expect(html).toContain('data-band="incident"');
  expect(html).not.toContain("Of today");

  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/annotations")) asked.push(request.url());
  });
  await page.goto(link);
  await expectCharts(page);
  await expect(flags(page, "Incident: Old fault")).toHaveCount(await charts(page).count());
  expect(await placeOf(page, "Old fault")).toBeCloseTo(0.5, 1);
  // The page had them: they are asked for only when another range is shown, once for all charts.
  expect(asked).toEqual([]);
  await page.getByTestId("pause").click();
  await expect(flags(page, "Deploy: Of today")).toHaveCount(await charts(page).count());
  await expect(flags(page, "Incident: Old fault")).toHaveCount(0);
  expect(asked).toHaveLength(1);
  // One that is entered later, about that time, is there at once for who looks at it.
  await page.goto(link);
  await expectCharts(page);
  await publish("annotations", { kind: "note", title: "Entered late", ts: week + 45 * MINUTE });
  await expect(flags(page, "Note: Entered late")).toHaveCount(await charts(page).count());
});

test("[A6] crowded ones are one flag with a count, and all can be read", async ({ page, publish }) => {
  const at = Date.now() - 3 * MINUTE;
  await publish(
    "annotations",
    Array.from({ length: 12 }, (_, i) => ({ kind: "deploy", title: `v${i}`, ts: at + i * 100 })),
  );
  await page.goto("/infrastructure");
  await expectCharts(page);
  const flag = charts(page)
    .first()
    .getByRole("button", { name: /^12 annotations\. Deploy: v0\. / });
  await expect(flag).toHaveText("12");
  await flag.click();
  await expect(page.getByTestId("flag-details").getByRole("listitem")).toHaveCount(12);
});
