import type { Page } from "playwright/test";
import { expect, test } from "@/tests/support/fixtures";
import { buildOther } from "@/tests/support/other-build";
import { connection, expectLive, expectNothingMissed, expectProgress } from "@/tests/support/page-state";
import { type NowboardServer, startServer } from "@/tests/support/start-server";

const buildOf = (page: Page) =>
  page.evaluate(() => (globalThis as { NEXT_DEPLOYMENT_ID?: string }).NEXT_DEPLOYMENT_ID);

/** What of the pages' code the server did not have. */
function missingCode(page: Page): string[] {
  const missing: string[] = [];
  page.on("response", (response) => {
    if (response.status() >= 400 && response.url().includes("/_next/")) missing.push(response.url());
  });
  return missing;
}

test("pages of an old build go on after an update, and are loaded anew when they need what is gone", async ({
  page,
  context,
  nowboard,
  publish,
  produce,
}) => {
  test.setTimeout(600_000);
  const other = buildOther([
    { file: "app/(dashboard)/database/page.tsx", from: 'title="Database" ch', to: 'title="Databases" ch' },
    // The code that a page fetches with its first notice.
    { file: "components/notifications/toaster.tsx", from: "VISIBLE_MS = 6000", to: "VISIBLE_MS = 60_000" },
  ]);
  let updated: NowboardServer | undefined;
  try {
    const watching = await context.newPage();
    const missing = missingCode(page);
    const missingWatching = missingCode(watching);
    const producer = produce(20);
    await page.goto("/business");
    await watching.goto("/database");
    for (const open of [page, watching]) await expectLive(open, "socket");
    const old = await buildOf(page);
    expect(old).toMatch(/^[0-9a-f]{16}$/);
    // By now what the links lead to has been fetched ahead, from the old build.
    await page.waitForLoadState("networkidle");

    await nowboard.stop();
    const { port, dataFolder } = nowboard;
    updated = await startServer({ port, dataFolder, root: other.root });
    // The pages that are open go on as they are.
    for (const open of [page, watching]) await expectLive(open);
    await expectProgress(page, 20);
    expect(await buildOf(page)).toBe(old);

    await page.getByRole("link", { name: "Database", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Databases" })).toBeVisible();
    await expectLive(page);
    const current = await buildOf(page);
    expect(current).toMatch(/^[0-9a-f]{16}$/);
    expect(current).not.toBe(old);
    await page.getByRole("link", { name: "Business", exact: true }).click();
    await expectLive(page);
    await expectProgress(page, 20);
    await expectNothingMissed(page, producer);
    expect(missing).toEqual([]);

    await expect(watching.getByRole("heading", { level: 1, name: "Database", exact: true })).toBeVisible();
    await publish("notices", { title: "The first notice" });
    await expect.poll(() => buildOf(watching).catch(() => undefined)).toBe(current);
    expect(missingWatching).not.toEqual([]);
    await expect(watching.getByRole("heading", { level: 1, name: "Databases" })).toBeVisible();
    await expectLive(watching);
    await publish("notices", { title: "The second notice" });
    await expect(watching.getByText("The second notice")).toBeVisible();
    await expect(connection(watching)).toContainText("Live");
    // The new build's offline page has taken the place of the old one's.
    await expect.poll(() => watching.evaluate(() => caches.keys())).toEqual([`nowboard-offline-${current}`]);
  } finally {
    await updated?.close();
    other.remove();
  }
});
