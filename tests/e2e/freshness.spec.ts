import type { Page } from "playwright/test";
import { business } from "@/lib/channels/business";
import { infrastructure } from "@/lib/channels/infrastructure";
import { expect, test } from "@/tests/support/fixtures";
import {
  connection,
  expectLive,
  expectNothingMissed,
  expectProgress,
  expectStale,
  metric,
  shownOrders,
} from "@/tests/support/page-state";

const { maxAge } = business;
/** How long before it turns a reading is sent, ms: nobody waits for minutes here. */
const SOON = 3_000;

/**
 * What came before the cut stays, and nothing comes after it. The last repaint may follow the cut, and the order
 * under way then may not be acknowledged yet.
 */
async function expectKept(page: Page, kept: number, sent: number) {
  const shown = await shownOrders(page);
  expect(shown).toBeGreaterThanOrEqual(kept);
  expect(shown).toBeLessThanOrEqual(sent + 1);
}

test("[C7] when one source stops, only its widgets turn late and then stale, and a reading brings them back", async ({
  page,
  publish,
}) => {
  await page.goto("/");
  await expectLive(page);
  const card = metric(page, "business-orders");
  const cpu = metric(page, "infrastructure-cpu");
  await expect(card).toHaveAttribute("data-freshness", "empty");
  await publish("business", { orders: 7, ts: Date.now() - maxAge + SOON });
  await expect(card).toHaveAttribute("data-freshness", "live", { timeout: SOON });
  await expect(card).toHaveAttribute("data-freshness", "late", { timeout: SOON + 10_000 });
  await expect(card).toHaveAttribute("data-value", "7");
  await expect(card).toContainText("as of");
  await expect(cpu).toHaveAttribute("data-freshness", "live");

  await publish("business", { orders: 8 });
  await expect(card).toHaveAttribute("data-value", "8");
  await expect(card).toHaveAttribute("data-freshness", "live");
  await expect(cpu).toHaveAttribute("data-freshness", "live");
  await expect(connection(page)).toHaveAttribute("data-status", "live");
});

test("[C7] data three times older than promised is stale, while the rest of the page is live", async ({
  page,
  publish,
}) => {
  await page.goto("/");
  await expectLive(page);
  await publish("business", { orders: 7, ts: Date.now() - 3 * maxAge + SOON });
  const card = metric(page, "business-orders");
  await expect(card).toHaveAttribute("data-freshness", "late", { timeout: SOON });
  await expect(card).toHaveAttribute("data-freshness", "stale", { timeout: SOON + 10_000 });
  await expect(card).toHaveAttribute("data-value", "7");
  for (const name of ["infrastructure-cpu", "api-viewers", "database-queries"])
    await expect(metric(page, name)).toHaveAttribute("data-freshness", "live");
  await publish("business", { orders: 8 });
  await expect(card).toHaveAttribute("data-freshness", "live");
});

test("[C7][C8] while cut off the page keeps its numbers, says how old they are, and heals without a gap", async ({
  page,
  network,
  produce,
}) => {
  const producer = produce(20);
  await page.goto("/");
  await expectLive(page, "socket");
  await expectProgress(page, 10);
  const cpu = metric(page, "infrastructure-cpu");
  await expect(cpu).toHaveAttribute("data-freshness", "live");

  network.set({ network: "cut" });
  const sent = producer.acknowledged;
  expect(network.counts.connectionsCut).toBeGreaterThan(0);
  await expect(connection(page)).toHaveAttribute("data-status", /reconnecting|offline/, { timeout: 5_000 });
  await expectStale(page);
  const kept = await shownOrders(page);
  await expect(cpu).toHaveAttribute("data-freshness", /late|stale/, {
    timeout: infrastructure.maxAge + 10_000,
  });
  await expect(cpu).toHaveAttribute("data-value", /^\d/);
  await expect(cpu).toContainText("as of");
  await expectKept(page, kept, sent);
  expect(network.counts.connectionsRefused).toBeGreaterThan(0);

  network.clear();
  await expectLive(page);
  await expect(cpu).toHaveAttribute("data-freshness", "live");
  await expectNothingMissed(page, producer);
  const gaps = await page.evaluate(() => window.__nowboard!.ledger());
  expect(gaps.at(-1)).toMatchObject({ healed: "replay", transport: "socket" });
  expect(gaps.at(-1)!.missed).toBeGreaterThan(kept / 10);
});

for (const width of [1440, 390])
  test(`[C7] nothing moves when data turns late, and a gauge says when it was true: ${width} px wide`, async ({
    page,
    network,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto("/infrastructure");
    await expectLive(page);
    const gauge = page.getByTestId("gauge-infrastructure-disk");
    await expect(gauge).toHaveAttribute("data-freshness", "live");
    const places = () =>
      gauge.locator("xpath=..").evaluate((row) =>
        [...row.children].map((card) => {
          const { x, width, height } = card.getBoundingClientRect();
          return [x, width, height];
        }),
      );
    const before = await places();

    network.set({ network: "cut" });
    await expect(gauge).toHaveAttribute("data-freshness", /late|stale/, {
      timeout: infrastructure.maxAge + 10_000,
    });
    await expect(gauge).toContainText("No connection");
    expect(await places()).toEqual(before);
    const cutOff = ({ parentElement: line }: HTMLElement) => line!.scrollWidth - line!.clientWidth;
    expect(await gauge.getByText(/^as of/).evaluate(cutOff)).toBe(0);
    network.clear();
    await expectLive(page);
  });

test("[C2] a connection that goes silent without closing is noticed within 15 s, and goes on", async ({
  page,
  network,
  produce,
}) => {
  const producer = produce(50);
  await page.goto("/");
  await expectLive(page, "socket");
  await expectProgress(page, 10);
  network.set({ network: "stall" });
  const kept = await shownOrders(page);
  await expect.poll(() => network.held).toBeGreaterThan(1000);
  await expect(connection(page)).toHaveAttribute("data-status", "delayed", { timeout: 15_000 });
  expect(await shownOrders(page)).toBeLessThan(kept + 20);
  network.clear();
  await expectLive(page);
  await expectNothingMissed(page, producer);
});

test("[C3] offline is said at once, nothing is tried meanwhile, and what was missed is there afterwards", async ({
  context,
  page,
  produce,
}) => {
  const producer = produce(20);
  await page.goto("/");
  await expectLive(page, "socket");
  await context.setOffline(true);
  const sent = producer.acknowledged;
  await expect(connection(page)).toHaveAttribute("data-status", "offline", { timeout: 5_000 });
  expect(await page.evaluate(() => fetch("/healthz").then(String, String))).toContain("Failed to fetch");
  const tries: string[] = [];
  // The code of a panel may still be on its way; what must rest is the client.
  const note = (url: string) => /^\/(api|socket\.io|healthz)/.test(new URL(url).pathname) && tries.push(url);
  page.on("request", (request) => note(request.url()));
  page.on("websocket", (socket) => note(socket.url()));
  const kept = await shownOrders(page);
  const before = producer.acknowledged;
  await expect.poll(() => producer.acknowledged).toBeGreaterThan(before + 120);
  await expectKept(page, kept, sent);
  expect(tries).toEqual([]);
  await context.setOffline(false);
  await expectLive(page);
  await expectNothingMissed(page, producer);
});

for (const hours of [-1, 1])
  test(`[C7] a viewer whose clock is ${hours} h off sees the same freshness as everybody else`, async ({
    page,
    publish,
  }) => {
    const offset = hours * 3_600_000;
    await page.addInitScript((ms) => {
      const Real = Date;
      class WrongDate extends Real {
        constructor(...args: unknown[]) {
          super(...((args.length === 0 ? [Real.now() + ms] : args) as [number]));
        }
        static override now() {
          return Real.now() + ms;
        }
      }
      Object.assign(window, { Date: WrongDate });
    }, offset);
    await page.goto("/");
    await expectLive(page);
    const wrongBy = (await page.evaluate(() => Date.now())) - Date.now();
    expect(Math.abs(wrongBy - offset)).toBeLessThan(5_000);
    await publish("business", { orders: 7, ts: Date.now() - maxAge + SOON });
    const card = metric(page, "business-orders");
    await expect(metric(page, "infrastructure-cpu")).toHaveAttribute("data-freshness", "live");
    await expect(card).toHaveAttribute("data-freshness", "live", { timeout: SOON });
    await expect(card).toHaveAttribute("data-freshness", "late", { timeout: SOON + 10_000 });
    await expect(card).toContainText(/, 2\smin ago/);
    await expect(metric(page, "infrastructure-cpu")).toHaveAttribute("data-freshness", "live");
  });
