import { gzipSync } from "node:zlib";
import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";

/** JavaScript that the Overview page loads until it is live, compressed: at most this many bytes. */
const BUDGET = 200_000;
/** An option of Chart.js. The charts are drawn after the numbers, over lines that the server rendered. */
const OF_CHARTS = /\bbeginAtZero\b/;
/** A parameter of Socket.IO's handshake. */
const OF_SOCKET = /\bEIO\b/;

/** Notes when the indicator first says live, on the clock that the browser's list of resources has, too. */
async function noteWhenLive(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[data-testid="connection"][data-status="live"]')) return;
      Object.assign(window, { liveAt: performance.now() });
      observer.disconnect();
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as unknown as { liveAt: number }).liveAt);
}

/** The scripts that the browser has asked for, however the page named them: each with its text and when. */
async function scriptsOf(page: Page): Promise<{ text: string; at: number }[]> {
  const asked = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name, startTime }) => ({ name, startTime })),
  );
  const first = new Map<string, number>();
  for (const { name, startTime } of asked)
    if (new URL(name).pathname.endsWith(".js"))
      first.set(name, Math.min(startTime, first.get(name) ?? startTime));
  return Promise.all([...first].map(async ([url, at]) => ({ text: await (await fetch(url)).text(), at })));
}

test("the Overview page loads at most 200 kB of JavaScript, compressed, until it is live, charts apart", async ({
  page,
}) => {
  const whenLive = await noteWhenLive(page);
  await page.goto("/");
  await expectLive(page);
  const liveAt = await whenLive();
  expect(liveAt).toBeGreaterThan(0);
  // The charts' code is found by what it says, so it has to be found.
  const charts = async () => (await scriptsOf(page)).filter(({ text }) => OF_CHARTS.test(text)).length;
  await expect.poll(charts).toBe(1);
  const needed = (await scriptsOf(page)).filter(({ text, at }) => at <= liveAt && !OF_CHARTS.test(text));
  // What is imported on the way counts, as without it the page would not be live.
  expect(needed.filter(({ text }) => OF_SOCKET.test(text))).toHaveLength(1);
  const total = needed.reduce((sum, { text }) => sum + gzipSync(text).length, 0);
  console.log(
    `JavaScript of the Overview page until it is live: ${total} bytes gzip, ${needed.length} files`,
  );
  expect(total).toBeLessThanOrEqual(BUDGET);
});
