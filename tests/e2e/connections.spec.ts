import type { Locator, Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";
import { watchPage } from "@/tests/support/witness";

/** The row of the one connection that shows a page. */
function rowOf(page: Page, path: string): Locator {
  return page
    .getByTestId("table-connections")
    .getByRole("row")
    .filter({
      has: page.getByRole("cell", { name: path, exact: true }),
    });
}

test("[K1] an operator sees the connections, ends one, and it comes back by itself", async ({
  browser,
  network,
  page,
}) => {
  await page.goto("/ops/connections");
  await expectLive(page, "socket");
  await expect(metric(page, "cluster-nodes")).toHaveAttribute("data-value", "1");
  await expect(page.getByTestId("table-nodes").getByRole("row").nth(1)).toContainText("Serving");
  // The only node cannot be drained.
  await expect(page.getByRole("button", { name: /^Drain/ })).toHaveCount(0);

  // Of another browser: the tabs of one share a connection.
  const context = await browser.newContext({ baseURL: network.url });
  const other = await context.newPage();
  await watchPage(other);
  await other.goto("/business");
  await expectLive(other, "socket");
  for (const [path, viewer] of [
    ["/ops/connections", page],
    ["/business", other],
  ] as const) {
    const row = rowOf(page, path);
    await expect(row).toHaveCount(1);
    await expect(row).toContainText("WebSocket");
    const id = (await row.getAttribute("data-key"))!;
    await row.getByRole("button", { name: `Disconnect ${path} over WebSocket` }).click();
    const status = page.getByTestId("table-connections").getByRole("status");
    await expect(status.last()).toHaveText(`Disconnected ${path} over WebSocket. It comes back by itself.`);
    await expectLive(viewer, "socket");
    // It is another connection now, and the page says so, live.
    await expect(page.locator(`[data-key="${id}"]`)).toHaveCount(0);
    await expect(row).toHaveCount(1);
    expect(await row.getAttribute("data-key")).not.toBe(id);
  }
  await expect(page.getByTestId("table-connections")).toHaveAttribute("data-freshness", "live");
  await context.close();
});

test("[R1] the connections page has its numbers before any script runs", async ({
  browser,
  network,
  nowboard,
}) => {
  const nodes = async () => {
    const response = await fetch(`${nowboard.url}/api/live/snapshot?channels=nodes`);
    const { snapshot } = await response.json();
    return Object.keys(snapshot.nodes.rows);
  };
  await expect.poll(async () => (await nodes()).length).toBe(1);
  const [node] = await nodes();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${network.url}/ops/connections`);
  await expect(metric(page, "cluster-nodes")).toHaveAttribute("data-value", "1");
  await expect(page.getByTestId("table-nodes")).toContainText(node!);
  await context.close();
});
