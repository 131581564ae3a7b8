import { test as base, expect } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";
import { type RedisServer, startRedis } from "@/tests/support/redis-server";
import { type NowboardServer, startServer } from "@/tests/support/start-server";

/** Two nodes on one Redis, without a load balancer in front. */
const test = base.extend<{ redis: RedisServer; nodes: [NowboardServer, NowboardServer] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from it.
  redis: async ({}, use) => {
    const redis = await startRedis();
    await use(redis);
    await redis.close();
  },
  nodes: async ({ redis }, use) => {
    const env = { REDIS_URL: redis.url };
    const nodes: [NowboardServer, NowboardServer] = [await startServer({ env }), await startServer({ env })];
    await use(nodes);
    await Promise.all(nodes.map((node) => node.close()));
  },
});

test("[K1][K3][H6] an operator drains a node: it ends, and the other goes on with the sources", async ({
  page,
  nodes,
}) => {
  const [first, second] = nodes;
  await page.goto(`${second.url}/ops/connections`);
  await expectLive(page, "socket");
  const table = page.getByTestId("table-nodes");
  const rows = table.locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(metric(page, "cluster-nodes")).toHaveAttribute("data-value", "2");
  // The first was there before the second, so it reads the sources.
  const note = table.getByText(/^The pull sources run on/);
  const reader = (await note.textContent())!.replace("The pull sources run on ", "");
  const drain = table.getByRole("button", { name: `Drain ${reader}` });

  await drain.click();
  const dialog = page.getByRole("dialog", { name: `Drain ${reader}?` });
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await drain.click();
  await dialog.getByRole("button", { name: "Drain" }).click();
  await expect(table.getByRole("status").last()).toHaveText(
    `${reader} drains: its viewers move to the other nodes within seconds, then it ends.`,
  );
  await expect(rows.filter({ hasText: reader })).toContainText("Draining");

  await expect(rows).toHaveCount(1, { timeout: 40_000 });
  await expect(note).not.toContainText(reader);
  await expect(metric(page, "cluster-nodes")).toHaveAttribute("data-value", "1");
  await expect(table).toHaveAttribute("data-freshness", "live");
  await expect(table.getByRole("button", { name: /^Drain/ })).toBeDisabled();
  expect(() => first.pid).toThrow("does not run");
  expect(second.pid).toBeGreaterThan(0);
});
