/** Being away for longer than the log remembers: what was missed comes from the archive. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { compareIds } from "@/lib/shared/cursor";
import { expect } from "@/tests/support/fixtures";
import type { NowboardServer } from "@/tests/support/start-server";
import type { Fault } from "./faults";

/** Longer than the log is kept. */
const HOURS_MS = 3 * 60 * 60_000;
/** The log is trimmed with each checkpoint, which comes every 30 s. */
const TRIM_MS = 45_000;
/** Nobody recorded: longer than the archive takes for a pause, ms. */
const DOWN_MS = 25_000;

/** One text of one of the server's databases. */
function readText({ dataFolder }: NowboardServer, file: string, query: string): string {
  const db = new Database(join(dataFolder, file), { readonly: true });
  try {
    return db.prepare(query).pluck().get() as string;
  } finally {
    db.close();
  }
}

/** How far the archive has read the log, and up to where the log has been trimmed. */
const archivedUpTo = (server: NowboardServer) =>
  readText(server, "history.db", "SELECT cursor FROM history_archive").split(".").at(-1)!;
const trimmedUpTo = (server: NowboardServer) => readText(server, "log.db", "SELECT floor FROM log");

/** Makes everything of a stopped server's log that is archived older, as it would be after so much time. */
function growOld({ dataFolder }: NowboardServer, upTo: string): number {
  const [ms, seq] = upTo.split("-").map(Number) as [number, number];
  const db = new Database(join(dataFolder, "log.db"));
  try {
    return db
      .prepare("UPDATE updates SET at = at - ? WHERE ms < ? OR (ms = ? AND seq <= ?)")
      .run(HOURS_MS, ms, ms, seq).changes;
  } finally {
    db.close();
  }
}

/** Is a reader at this cursor told to begin anew? */
async function isForgotten({ url }: NowboardServer, cursor: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/live/poll?channels=business&cursor=${cursor}`);
  return answer.status === 200 && (await answer.json()).from === undefined;
}

export const awayTooLong: Fault = {
  row: "13",
  name: "away-past-retention",
  title: "the page is away for longer than the log is kept; its charts are filled in from the archive",
  rungs: ["socket", "sse", "long-poll", "poll"],
  noticeMs: 20_000,
  // It has been cut off for so long that it tries every 30 s at the least.
  recoverMs: 30_000,
  needsOwnServer: true,
  fast: true,
  async run(stage) {
    const { network, nowboard, page } = stage;
    network.set({ network: "cut" });
    stage.injected("the network is gone");
    const answer = await fetch(`${nowboard.url}/api/live/snapshot?channels=business`);
    const cursor = answer.headers.get("etag")!.replaceAll('"', "");
    const [, missed] = cursor.split(".");
    await stage.untilNoticed(20_000);
    await stage.flow(80);
    await expect
      .poll(() => compareIds(archivedUpTo(nowboard), missed!), { message: "what it misses is archived" })
      .toBeGreaterThan(0);
    await nowboard.stop();
    stage.proved("hours pass", growOld(nowboard, archivedUpTo(nowboard)) > 80);
    await nowboard.restart();
    await expect
      .poll(() => compareIds(trimmedUpTo(nowboard), missed!), {
        message: "the log forgets",
        timeout: TRIM_MS,
      })
      .toBeGreaterThan(0);
    // What a server has in memory it still tells.
    await nowboard.restart();
    stage.proved("a reader from before begins anew", await isForgotten(nowboard, cursor));
    network.set({ network: "pass" });
    stage.healed("the network is back");
    await expect
      .poll(() => page.evaluate(() => window.__nowboard!.ledger().at(-1)?.healed), { timeout: 30_000 })
      .toBe("snapshot");
    // Nothing of it is left unknown on the chart; that all figures are drawn is part of the verdict.
    await expect(page.getByTestId("chart-revenue").locator("[data-unknown]")).toHaveCount(0);
  },
};

export const serverDown: Fault = {
  row: "13",
  name: "nobody-records",
  title: "the server is down for a while; the charts say so, and no line crosses it",
  rungs: ["socket"],
  noticeMs: 5000,
  recoverMs: 30_000,
  needsOwnServer: true,
  async run(stage) {
    const { nowboard, page } = stage;
    await nowboard.stop();
    stage.injected("the server is stopped");
    await sleep(DOWN_MS);
    await nowboard.restart();
    stage.healed("the server runs again");
    await stage.flow(40);
    const chart = page.getByTestId("chart-usage");
    await page.reload();
    await expect(chart.getByText(/^no server recorded \d\d:\d\d:\d\d–\d\d:\d\d:\d\d/)).toBeVisible();
    await stage.capture();
  },
};
