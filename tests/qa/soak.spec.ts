import type { CDPSession } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectAllOrders, expectLive, shownOrders } from "@/tests/support/page-state";

/** A day with an update a second on each of three channels. */
const SECONDS = 24 * 60 * 60;
const BATCH = 200;
/** Until buffers and caches are as full as they get. */
const WARM_UP = 0.2;
const LOOKS = 8;
const MB = 1024 * 1024;

interface Figures {
  heapMb: number;
  nodes: number;
  listeners: number;
}

/** What the page holds after a garbage collection. */
async function measure(session: CDPSession): Promise<Figures> {
  // Twice: what a finalizer frees is gone only with the next one.
  for (let i = 0; i < 2; i++) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name: string) => metrics.find((metric) => metric.name === name)!.value;
  return {
    heapMb: value("JSHeapUsedSize") / MB,
    nodes: value("Nodes"),
    listeners: value("JSEventListeners"),
  };
}

// A trace would live in the very heap that is measured.
test.use({ trace: "off" });

test("a day of updates leaves the page as it was: heap, nodes and listeners stay flat", {
  tag: "@soak",
}, async ({ page, publish }) => {
  test.setTimeout(30 * 60_000);
  await page.goto("/");
  await expectLive(page);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const looks: Figures[] = [];
  const lookEvery = Math.ceil((SECONDS * (1 - WARM_UP)) / (LOOKS - 1) / BATCH) * BATCH;
  for (let sent = 0; sent < SECONDS; ) {
    const numbers = Array.from({ length: BATCH }, (_, i) => sent + 1 + i);
    await Promise.all([
      publish(
        "orders",
        numbers.map((n) => ({
          order: `N-${String(n).padStart(5, "0")}`,
          item: `Lamp N-${String(n).padStart(5, "0")}`,
          amount: n,
        })),
      ),
      publish(
        "business",
        numbers.map((n) => ({ orders: n, revenue: n * 10, newUsers: n % 1000, conversion: (n % 50) / 10 })),
      ),
      publish(
        "regions",
        numbers.map((n) => ({ region: `Region ${n % 12}`, orders: n, revenue: n, change: (n % 9) - 4 })),
      ),
    ]);
    sent += BATCH;
    if (sent < SECONDS * WARM_UP || (sent - BATCH) % lookEvery !== 0) continue;
    // The page keeps up: what it holds is no queue.
    await expect.poll(() => shownOrders(page), { timeout: 60_000 }).toBe(sent);
    const figures = await measure(session);
    looks.push(figures);
    process.stdout.write(
      `${sent} s: ${figures.heapMb.toFixed(1)} MB, ${figures.nodes} nodes, ${figures.listeners} listeners\n`,
    );
  }
  await expectLive(page);
  await expectAllOrders(page, SECONDS);
  looks.push(await measure(session));
  const spread = (figure: keyof Figures) => {
    const values = looks.map((look) => look[figure]);
    return Math.max(...values) - Math.min(...values);
  };
  expect(looks.length).toBeGreaterThanOrEqual(LOOKS - 1);
  expect(looks.at(-1)!.heapMb - looks[0]!.heapMb, "heap, MB").toBeLessThan(5);
  expect(spread("nodes"), "DOM nodes").toBeLessThan(200);
  expect(spread("listeners"), "listeners").toBeLessThan(20);
});
