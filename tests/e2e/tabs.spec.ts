import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { connection, expectAllOrders, expectLive, expectProgress } from "@/tests/support/page-state";

/** Connections that the server holds, as its own metrics tell. */
async function heldBy(url: string, transport: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(
    new RegExp(`^nowboard_connections\\{transport="${transport}"\\} (\\d+)$`, "m").exec(text)?.[1],
  );
}

/** A page in the background, as the browser tells it. */
const hide = (page: Page, isHidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      get: () => (hidden ? "hidden" : "visible"),
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);

const PAGES = [
  "/",
  "/business",
  "/infrastructure",
  "/api",
  "/database",
  "/business",
  "/",
  "/ops/connections",
];

// Eight pages are work for a machine, twice eight for another test's time, too.
test.describe.configure({ mode: "serial" });

for (const [rung, websocket] of [
  ["socket", "pass"],
  ["sse", "refuse"],
] as const)
  test(`[C5] eight tabs over HTTP/1.1 are all live over one connection: ${rung}`, async ({
    context,
    nowboard,
    network,
    produce,
  }) => {
    network.set({ websocket });
    const producer = produce(200);
    const pages: Page[] = [];
    for (const path of PAGES) {
      const page = await context.newPage();
      await page.goto(path);
      await expectLive(page);
      pages.push(page);
    }
    for (const page of pages) await expectLive(page, rung, 60_000);
    await expect.poll(() => heldBy(nowboard.url, rung)).toBe(1);
    await expectProgress(pages[1]!, 5);
    // The tab that leads goes: the others carry on over a new connection, and nobody was told of a fault.
    await pages[0]!.close();
    await expectProgress(pages[1]!, 5);
    await expect.poll(() => heldBy(nowboard.url, rung)).toBe(1);
    await hide(pages[1]!, true);
    await expectProgress(pages[5]!, 5);
    const acknowledged = await producer.stop();
    for (const page of [pages[1]!, pages[5]!]) {
      await expectAllOrders(page, acknowledged);
      expect(await page.evaluate(() => window.__nowboard!.ledger())).toEqual([]);
    }
    for (const page of pages.slice(1)) await expect(connection(page)).toHaveAttribute("data-status", "live");
    await expect.poll(() => heldBy(nowboard.url, rung)).toBe(1);
  });
