import { expect, test } from "@/tests/support/fixtures";
import {
  connection,
  expectLive,
  expectNothingMissed,
  expectProgress,
  metric,
  shownOrders,
} from "@/tests/support/page-state";

test("[L2][C1][C8] after kill -9 and a restart the page carries on with nothing missing or doubled", async ({
  page,
  nowboard,
  network,
  publish,
  produce,
}) => {
  const producer = produce(20);
  await page.goto("/business");
  await expectLive(page, "socket");
  await expectProgress(page, 20);
  const epoch = (await publish("notices", { title: "before" })).split(".")[0];

  const { pid } = nowboard;
  await nowboard.kill9();
  const killed = Date.now();
  expect(() => process.kill(pid, 0)).toThrow();
  await expect(connection(page)).toHaveAttribute("data-status", /reconnecting|offline/, { timeout: 5_000 });
  // What was last known stays, and the page says that it is no more than that.
  const kept = await shownOrders(page);
  expect(kept).toBeGreaterThanOrEqual(20);
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", /^\d+$/);
  await expect(page.getByTestId("connection-bar")).toContainText("last known");

  // The page may be back before anything is stored again, and then has missed nothing; here it is not.
  network.set({ network: "cut" });
  await nowboard.restart();
  const { acknowledged } = producer;
  await expect.poll(() => producer.acknowledged).toBeGreaterThan(acknowledged + 5);
  network.set({ network: "pass" });
  const downFor = Date.now() - killed;
  await expectLive(page);
  await expectProgress(page, 20);
  await expectNothingMissed(page, producer);
  expect((await publish("notices", { title: "after" })).split(".")[0]).toBe(epoch);

  const gaps = await page.evaluate(() => window.__nowboard!.ledger());
  expect(gaps).toEqual([expect.objectContaining({ transport: "socket", healed: "replay" })]);
  expect(gaps[0]!.to! - gaps[0]!.from).toBeGreaterThan(downFor / 2);
  expect(gaps[0]!.missed).toBeGreaterThan(0);
});

test("[R2] a page whose server was killed and restarted before its scripts ran misses nothing", async ({
  page,
  nowboard,
  network,
  produce,
}) => {
  const producer = produce(20);
  // The page is looked at before its scripts run, so what the server rendered must have a figure.
  await expect.poll(() => producer.figures.length).toBeGreaterThan(0);
  network.set({ scripts: "hold" });
  await page.goto("/business", { waitUntil: "commit" });
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", /^\d+$/);
  expect(network.counts.scriptsHeld).toBeGreaterThan(0);
  await nowboard.kill9();
  await nowboard.restart();
  network.set({ scripts: "pass" });
  await expectLive(page);
  await expectNothingMissed(page, producer);
});
