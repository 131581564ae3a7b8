import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/free-port";
import { startChild } from "../calls";
import { type OpenPage, openPage, type Size } from "./browser";
import { CHANNELS, shownValue } from "./page/channels";
import type { FasterTime } from "./page/faster-time";
import type { PageName } from "./pages";
import type { ChartServerCalls } from "./server";

/** How long a page may take until it shows readings as they come, ms. */
const READY_MS = 30_000;
/** A server first stores five minutes of readings. */
const START_MS = 60_000;
/** Readings that are older than this (ms) are not looked for on the page. */
const LOOK_BACK_MS = 60_000;

export interface ChartLab {
  /** Opens a page; resolves once its charts show what comes. */
  open(name: PageName, size: Size): Promise<OpenPage>;
  /**
   * Scrolls to each of the first `charts` charts and reads the value beside it. Gives their ages (ms), each the
   * lowest that was seen within three seconds; `Infinity` for a chart that showed no value of the last minute.
   */
  ages(page: OpenPage, goodMs: number, charts?: number): Promise<number[]>;
  close(): Promise<void>;
}

/** A server of its own with five minutes of history, and readings that keep coming. */
export async function openChartLab(pages: string, faster?: FasterTime): Promise<ChartLab> {
  const data = mkdtempSync(join(tmpdir(), "nowboard-bench-"));
  const server = startChild<ChartServerCalls>("./charts/server.ts");
  const close = async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const port = await freePort();
  const query = faster ? `?speed=${faster.speed}&since=${faster.since}` : "";

  async function age(opened: OpenPage, channel: string): Promise<number> {
    const { text, at } = await opened.page.evaluate(
      (name) => ({
        text: document.querySelector(`[data-testid="chart-${name}"]`)?.textContent ?? "",
        at: Date.now(),
      }),
      channel,
    );
    const recent = await server.ask("recent", { channel, ms: LOOK_BACK_MS });
    const shown = recent.findLast(([, value]) => text.includes(shownValue(value!)));
    return shown ? Math.max(0, at - shown[0]) : Number.POSITIVE_INFINITY;
  }

  async function youngest(opened: OpenPage, channel: string, goodMs: number): Promise<number> {
    const deadline = performance.now() + 3000;
    await opened.page.evaluate((name) => {
      document.querySelector(`[data-testid="chart-${name}"]`)?.scrollIntoView();
    }, channel);
    let found = await age(opened, channel);
    while (found > goodMs && performance.now() < deadline) {
      await sleep(50);
      found = Math.min(found, await age(opened, channel));
    }
    return found;
  }

  try {
    await server.ask("start", { port, data, pages, faster }, START_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async open(name, size) {
      const opened = await openPage(`http://127.0.0.1:${port}/${name}.html${query}`, size);
      try {
        // A canvas on the screen: Chart.js has been loaded, and draws.
        if (name !== "empty") await opened.page.waitForSelector("canvas", { timeout: READY_MS });
        return opened;
      } catch (error) {
        await opened.close();
        throw error;
      }
    },
    async ages(opened, goodMs, charts = CHANNELS.length) {
      const ages: number[] = [];
      for (const { name } of CHANNELS.slice(0, charts)) ages.push(await youngest(opened, name, goodMs));
      await opened.page.evaluate(() => scrollTo(0, 0));
      return ages;
    },
    close,
  };
}
