import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";

const EXAMPLES = fileURLToPath(new URL("../../app/(dashboard)/docs/widgets/examples/", import.meta.url));
const FILES = readdirSync(EXAMPLES).map((file) => file.replace(/\.tsx$/, ""));
const WIDGETS = FILES.filter((name) => name !== "connection");
const WIDTHS = [1440, 390];
const FAILURE = "A mistake in a widget's code, on purpose";

/** What each state says, of the widgets and of the connection. */
const STATES: Record<string, { says: RegExp; connection: RegExp }> = {
  live: { says: /Live/, connection: /Live/ },
  late: { says: /Late · 10\ss ago/, connection: /Live/ },
  stale: { says: /Stale · 30\ss ago/, connection: /Live/ },
  lost: { says: /Lost · 2\smin ago/, connection: /Live/ },
  disconnected: { says: /Last known/, connection: /(Reconnecting|Offline)/ },
  empty: { says: /No data yet/, connection: /Live/ },
  error: { says: /could not be shown[\s\S]*the rest of this page goes on/, connection: /could not be shown/ },
};

async function open(page: Page, state: string, width = 1440, still = "&still") {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`/docs/widgets?state=${state}${still}`);
  await expect(page.getByTestId("gallery")).toHaveAttribute("data-played", "true");
  if (state === "error") return;
  // The code of charts and tables comes late.
  for (const name of ["line-chart", "bar-chart", "heat-chart"])
    await expect(panels(page, name).last().getByRole("figure")).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

/** A widget in the light theme, and in the dark one. */
const panels = (page: Page, name: string): Locator => page.locator(`#${name} [data-theme]`);

/** What of a panel lies outside it, in words. What scrolls or is cut off in its own box does not count. */
const sticksOut = (panel: Locator) =>
  panel.evaluate((box) => {
    const { left, right } = box.getBoundingClientRect();
    const isCut = (element: Element | null): boolean =>
      element !== null &&
      element !== box &&
      (getComputedStyle(element).overflowX !== "visible" || isCut(element.parentElement));
    return [...box.querySelectorAll("*")]
      .filter((element) => {
        const own = element.getBoundingClientRect();
        const isOutside = own.width > 0 && (own.left < left - 1 || own.right > right + 1);
        return isOutside && !isCut(element.parentElement) && !element.matches(".sr-only, .sr-only *");
      })
      .map((element) => `${element.tagName} ${element.textContent?.slice(0, 40)}`);
  });

for (const [state, { says, connection }] of Object.entries(STATES))
  test(`[C7] every widget shows in words that it is ${state}, in both themes, and fits a screen and a phone`, async ({
    page,
    pageErrors,
  }) => {
    for (const width of WIDTHS) {
      await open(page, state, width);
      await expect(page.getByTestId("gallery")).toContainText(/Demo data/);
      for (const name of FILES)
        for (const panel of await panels(page, name).all()) {
          await expect(panel, `${name} at ${width}`).toContainText(name === "connection" ? connection : says);
          expect(await sticksOut(panel), `${name} at ${width}`).toEqual([]);
        }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
    }
    if (state !== "error") return;
    const others = pageErrors.filter((error) => !error.includes(FAILURE));
    expect(pageErrors.length).toBeGreaterThan(0);
    pageErrors.splice(0);
    expect(others).toEqual([]);
  });

test("[C7] a widget is as high when its data is old as when it is live: nothing jumps", async ({ page }) => {
  for (const width of WIDTHS) {
    const heights: Record<string, Record<string, number>> = {};
    for (const state of ["live", "late", "stale", "lost", "disconnected"]) {
      await open(page, state, width);
      for (const name of WIDGETS) {
        const box = (await panels(page, name).first().boundingBox())!;
        heights[name] = { ...heights[name], [state]: Math.round(box.height) };
      }
    }
    for (const [name, { live, ...old }] of Object.entries(heights))
      expect(old, `${name} at ${width}`).toEqual({ late: live, stale: live, lost: live, disconnected: live });
  }
});

/** Each widget as it is painted, in both themes, with its code. */
async function pictures(page: Page): Promise<Map<string, Buffer>> {
  const taken = new Map<string, Buffer>();
  for (const name of FILES)
    taken.set(name, await page.locator(`#${name}`).screenshot({ animations: "disabled" }));
  return taken;
}

/** Round corners at the edge of one of Chromium's tiles may come out that much lighter or darker, of 255. */
const SAME_SHADE = 2;

/** The widgets that look different. */
async function differences(page: Page, a: Map<string, Buffer>, b: Map<string, Buffer>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, picture] of a) {
    const other = b.get(name)!;
    if (!picture.equals(other) && (await looksDifferent(page, picture, other))) found.push(name);
  }
  return found;
}

/** Compares two PNGs pixel by pixel, in the browser, which can read them. */
async function looksDifferent(page: Page, ...pictures: [Buffer, Buffer]): Promise<boolean> {
  const files = pictures.map((picture) => picture.toString("base64"));
  return page.evaluate(
    async ([files, sameShade]) => {
      const pixels = async (file: string) => {
        const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const { width, height } = bitmap;
        const context = new OffscreenCanvas(width, height).getContext("2d")!;
        context.drawImage(bitmap, 0, 0);
        return { size: `${width} ${height}`, shades: context.getImageData(0, 0, width, height).data };
      };
      const [one, two] = [await pixels(files[0]!), await pixels(files[1]!)];
      return (
        one.size !== two.size || one.shades.some((shade, i) => Math.abs(shade - two.shades[i]!) > sameShade)
      );
    },
    [files, SAME_SHADE] as const,
  );
}

/** Taken once two in a row are the same: nothing is drawn any more. */
async function settled(page: Page): Promise<Map<string, Buffer>> {
  // All of it at once: what scrolls would be under the bars.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: 1440, height });
  let last = await pictures(page);
  await expect
    .poll(
      async () => {
        const next = await pictures(page);
        const moved = await differences(page, last, next);
        last = next;
        return moved;
      },
      { timeout: 60_000 },
    )
    .toEqual([]);
  return last;
}

test("with ?still every picture of a widget is the same, pixel by pixel, whenever it is taken", async ({
  page,
}) => {
  const all: Record<string, Map<string, Buffer>> = {};
  for (const state of ["live", "lost", "disconnected", "empty"]) {
    await open(page, state);
    all[state] = await settled(page);
    await open(page, state);
    expect(await differences(page, all[state], await settled(page)), state).toEqual([]);
  }
  // The states are told apart by what is seen, of every widget.
  expect(await differences(page, all.live!, all.lost!)).toEqual(expect.arrayContaining(WIDGETS));
  expect(await differences(page, all.live!, all.empty!)).toEqual(expect.arrayContaining(WIDGETS));
  expect(await differences(page, all.live!, all.disconnected!)).toEqual(FILES);
});

test("the code beside a widget is the file that runs, and every example is shown", async ({ page }) => {
  await open(page, "live");
  const shown = await page.locator("main section[id]").evaluateAll((all) => all.map(({ id }) => id));
  expect(shown.sort()).toEqual([...FILES].sort());
  for (const name of FILES)
    await expect(page.getByTestId(`line-${name}`)).toHaveText(
      readFileSync(`${EXAMPLES}${name}.tsx`, "utf8").trim(),
    );
});

test("the gallery is live, by links and without the server's data, and no other page loads its code", async ({
  page,
}) => {
  const scripts = () =>
    page.evaluate(async () => {
      const urls = new Set(performance.getEntriesByType("resource").map(({ name }) => name));
      const code = [...urls].filter((url) => new URL(url).pathname.endsWith(".js"));
      return (await Promise.all(code.map(async (url) => (await fetch(url)).text()))).join("\n");
    });
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Widgets", exact: true })).toBeVisible();
  expect(await scripts()).not.toContain("demo-shelves");
  await page.getByRole("link", { name: "Widgets", exact: true }).click();
  await expect(page.getByTestId("gallery")).toHaveAttribute("data-played", "true");
  expect(await scripts()).toContain("demo-shelves");
  const feed = panels(page, "feed-table").first().getByTestId("feed-demo-sales");
  const before = Number(await feed.getAttribute("data-count"));
  await expect.poll(async () => Number(await feed.getAttribute("data-count"))).toBeGreaterThan(before);

  await page.getByRole("navigation", { name: "States" }).getByRole("link", { name: "Lost" }).click();
  await expect(panels(page, "gauge").first()).toContainText("The till does not answer");
  await page.getByRole("navigation", { name: "Width" }).getByRole("link", { name: "A phone's" }).click();
  const phone = page.frameLocator("iframe");
  await expect(phone.locator("#gauge [data-theme]").last()).toContainText("The till does not answer");
});

test("each theme is the same in both, whatever the viewer's own is", async ({ page }) => {
  const colours = () =>
    panels(page, "metric-card").evaluateAll((both) =>
      both.map((box) => getComputedStyle(box).backgroundColor),
    );
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "live");
  const [light, dark] = await colours();
  expect(light).not.toBe(dark);
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "live");
  expect(await colours()).toEqual([light, dark]);
});
