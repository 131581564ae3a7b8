import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/cluster-fixtures";
import { expectAllOrders, expectLive, expectProgress, metric } from "@/tests/support/page-state";
import { CLUSTER_FAULTS } from "./faults-of-cluster";
import { play } from "./play";

for (const fault of CLUSTER_FAULTS)
  for (const rung of fault.rungs)
    test(
      `${fault.name} on ${rung}: row ${fault.row}, ${fault.title}`,
      { tag: fault.fast && rung === "sse" ? ["@fast"] : [] },
      async ({ page, context, browser, network, nowboard, produce, cluster }, testInfo) => {
        const parts = { page, context, browser, network, nowboard, produce };
        await play({ ...fault, run: (stage) => fault.run(stage, cluster) }, rung, parts, testInfo);
      },
    );

const replacements = (page: Page) =>
  page.evaluate(() => window.__nowboard!.ledger().filter(({ why }) => why === "new-log").length);

test("flushed: row 24, FLUSHALL under a live page leaves nothing of the old log on it", {
  tag: "@fast",
}, async ({ page, cluster, produce }) => {
  const before = produce(50);
  await page.goto("/");
  await expectLive(page);
  await expectProgress(page, 30);
  await before.stop();
  expect(await cluster.redis.command("FLUSHALL")).toBe("OK");
  await expect.poll(() => replacements(page), { message: "the page knows that it is another log" }).toBe(1);
  const after = produce(50);
  await expect.poll(() => after.acknowledged).toBeGreaterThan(20);
  await expectLive(page);
  await expectAllOrders(page, await after.stop());
  // Sources send what changed: after this they begin with everything.
  await expect(metric(page, "infrastructure-cpu")).toHaveAttribute("data-value", /^[\d.]+$/);
});

test.describe("without an append-only file", () => {
  test.use({ redisArgs: [] });

  test("forgetful: row 22, a Redis that comes back without what it acknowledged is another log", {
    tag: "@fast",
  }, async ({ page, cluster, produce }) => {
    const { redis } = cluster;
    const kept = produce(50);
    await page.goto("/");
    await expectLive(page);
    await expectProgress(page, 30);
    const saved = await kept.stop();
    expect(await redis.command("SAVE")).toBe("OK");
    const lost = produce({ everyMs: 50, taken: saved });
    await expect.poll(() => lost.acknowledged).toBeGreaterThan(saved + 20);
    await expectAllOrders(page, await lost.stop());
    await redis.kill9();
    await redis.start();
    await expect.poll(() => replacements(page), { message: "the page knows that it is another log" }).toBe(1);
    await expectLive(page);
    await expectAllOrders(page, saved);
    const again = produce({ everyMs: 50, taken: saved });
    await expect.poll(() => again.acknowledged).toBeGreaterThan(saved + 20);
    await expectAllOrders(page, await again.stop());
  });
});
