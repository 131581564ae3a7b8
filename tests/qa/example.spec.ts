import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectNothingMissed, expectStale, metric } from "@/tests/support/page-state";

test("my scenario: two short cuts and a long one", async ({ page, network, produce }) => {
  const orders = produce({ everyMs: 100 });
  await page.goto("/business");
  await expectLive(page);

  for (const seconds of [1, 1, 6]) {
    network.set({ network: "cut" });
    await page.waitForTimeout(seconds * 1000);
    network.clear();
  }
  expect(network.counts.connectionsRefused).toBeGreaterThan(0);
  await expectLive(page);

  network.set({ network: "stall" });
  await expectStale(page, 20_000);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", /\d/);
  network.clear();

  await expectNothingMissed(page, orders);
});
