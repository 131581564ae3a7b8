import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright/test";
import { channels } from "@/lib/channels/registry";
import { INGEST_CODES } from "@/lib/shared/ingest-errors";
import { ingestFields } from "@/lib/shared/ingest-fields";
import { expect, test } from "@/tests/support/fixtures";
import { expectLive, metric } from "@/tests/support/page-state";
import { type NowboardServer, startServer } from "@/tests/support/start-server";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = 30_000;
const ingested = channels.filter(({ filledBy }) => filledBy === "ingest");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** How a person runs what they copied. */
const RUN: Record<string, (text: string) => [string, string[]]> = {
  curl: (text) => ["sh", ["-c", text]],
  repeatable: (text) => ["sh", ["-c", text]],
  stream: (text) => ["sh", ["-c", text]],
  node: (text) => [process.execPath, ["--input-type=module", "-e", text]],
  socket: (text) => [process.execPath, ["--input-type=module", "-e", text]],
  python: (text) => ["python3", ["-c", text]],
};

async function run(text: string, name: string, env: Record<string, string> = {}): Promise<string> {
  const [program, args] = RUN[name]!(text);
  const options = { cwd: ROOT, timeout: LIMIT_MS, env: { ...process.env, FORCE_COLOR: "0", ...env } };
  return (await promisify(execFile)(program, args, options)).stdout;
}

const textOf = async (place: Locator) => (await place.textContent()) ?? "";

async function lines(page: Page): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(RUN)) found[name] = await textOf(page.getByTestId(`line-${name}`));
  return found;
}

/** How far the log is. */
async function head(server: NowboardServer): Promise<string> {
  return (await (await fetch(`${server.url}/readyz`)).json()).cursor;
}

/** How many updates of a channel were stored since; the server itself has news of others all the time. */
async function storedSince(server: NowboardServer, cursor: string, channel: string): Promise<number> {
  const answer = await fetch(
    `${server.url}/api/live/poll?${new URLSearchParams({ channels: channel, cursor })}`,
  );
  if (answer.status === 304) return 0;
  const { from, updates = [] } = await answer.json();
  expect(from).toBe(cursor);
  return updates.length;
}

test("[T5] the lines that the page shows work as they are, for every channel, and without a script too", async ({
  browser,
  nowboard,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: nowboard.url });
  const page = await context.newPage();
  for (const channel of ingested) {
    await page.goto(`/docs/ingest?channel=${channel.name}`);
    for (const { name } of ingestFields(channel))
      await expect(page.getByRole("term").filter({ hasText: name }).first()).toBeVisible();
    const shown = await lines(page);
    expect(shown.curl).toContain(`${nowboard.url}/api/ingest/${channel.name}`);
    for (const [name, text] of Object.entries(shown)) {
      expect(text).not.toContain("NOWBOARD_KEY");
      if (name === "python" && !hasPython) {
        test.info().annotations.push({ type: "skipped", description: "python3 is not installed" });
        console.warn("python3 is not installed: the Python lines were not run");
        continue;
      }
      const before = await head(nowboard);
      const out = await run(text, name);
      const accepted = /"?accepted"?: ?([12])\b/;
      expect(out, `${channel.name} ${name}`).toMatch(accepted);
      const count = Number(accepted.exec(out)![1]);
      expect(await storedSince(nowboard, before, channel.name), `${channel.name} ${name}`).toBe(count);
      if (name !== "repeatable") continue;
      // The same line again is the same update.
      expect(await run(text, name)).toBe(out);
      expect(await storedSince(nowboard, before, channel.name)).toBe(count);
    }
  }
  await context.close();
});

test("[T9] where a key is needed the lines take it from the environment, and the page says how to make one", async ({
  browser,
}) => {
  const server = await startServer();
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: server.url });
  try {
    const page = await context.newPage();
    await page.goto("/docs/ingest?channel=orders");
    await expect(page.getByText("No key is needed at present.")).toBeVisible();
    const make = await textOf(page.getByText("npm run -s key -- create"));
    const shell = promisify(execFile)("sh", ["-c", `${make}; echo $NOWBOARD_KEY`], {
      cwd: ROOT,
      timeout: LIMIT_MS,
      env: { ...process.env, NOWBOARD_DATA: server.dataFolder },
    });
    const key = (await shell).stdout.trim();
    expect(key).toMatch(/^nbk_/);
    await expect(async () => {
      await page.goto("/docs/ingest?channel=orders");
      await expect(page.getByText("Producers show a key")).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    const shown = await lines(page);
    for (const [name, text] of Object.entries(shown)) {
      if (name === "python" && !hasPython) continue;
      expect(text).toContain("NOWBOARD_KEY");
      expect(await run(text, name, { NOWBOARD_KEY: key }), name).toMatch(/"?accepted"?: ?[12]\b/);
    }
    expect(await run(shown.curl!, "curl", { NOWBOARD_KEY: "wrong" })).toContain("unauthorized");
    // It is for that channel only.
    await page.goto("/docs/ingest?channel=business");
    expect(await run((await lines(page)).curl!, "curl", { NOWBOARD_KEY: key })).toContain(
      "forbidden_channel",
    );
    expect(server.output()).not.toContain(key.split("_")[2]);
  } finally {
    await context.close();
    await server.close();
  }
});

test("[T5] the page is reached from the rail, copies its lines, and shows each refusal", async ({
  context,
  page,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  await page.getByRole("link", { name: "Send data", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Send data" })).toBeVisible();
  await expectLive(page);
  for (const code of INGEST_CODES)
    await expect(page.getByTestId("ingest-errors").getByText(code, { exact: true })).toBeVisible();
  const link = page.getByRole("link", { name: "/api/openapi.json" });
  const description = await page.request.get((await link.getAttribute("href"))!);
  expect(await description.json()).toMatchObject({ openapi: "3.1.0" });
  expect(description.headers().etag).toMatch(/^W\/"/);
  await page.getByRole("link", { name: "Business", exact: true }).last().click();
  await expect(page).toHaveURL(/channel=business/);
  await page.getByRole("button", { name: "Copy" }).first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await textOf(page.getByTestId("line-curl")));
  await run(copied, "curl");
  await page.goto("/business");
  await expect(metric(page, "business-orders")).toHaveAttribute("data-value", "12");
});
