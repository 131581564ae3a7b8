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
/** A chart that is on the screen shows readings younger than this, ms. A page that is too busy is far behind. */
const FRESH_MS = 3000;
/** Readings that are older than this (ms) are not looked for on the page. */
const LOOK_BACK_MS = 60_000;
/** How long a chart has for that, ms: one that was off the screen may have to draw first. */
const LOOK_MS = 3000;

export interface ChartLab {
  /** Opens a page; resolves once its charts show what comes. */
  open(name: PageName, size: Size): Promise<OpenPage>;
  /**
   * Scrolls to each of the first `charts` charts, all by default, and reads the value beside it. Gives their ages
   * (ms): at most `freshMs`, or the lowest that was seen within three seconds; `Infinity` for a chart that showed no
   * value of the last minute or so.
   */
  ages(page: OpenPage, charts?: number): Promise<number[]>;
  /** A chart whose value is older does not follow, ms by the pages' clock. */
  readonly freshMs: number;
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
  const freshMs = FRESH_MS * (faster?.speed ?? 1);
  const lookBackMs = Math.max(LOOK_BACK_MS, 2 * freshMs);
  const query = faster ? `?speed=${faster.speed}&since=${faster.since}` : "";

  async function age(opened: OpenPage, channel: string): Promise<number> {
    const { text, at } = await opened.page.evaluate(
      (name) => ({
        text: document.querySelector(`[data-testid="chart-${name}"]`)?.textContent ?? "",
        at: Date.now(),
      }),
      channel,
    );
    const recent = await server.ask("recent", { channel, ms: lookBackMs });
    const shown = recent.findLast(([, value]) => text.includes(shownValue(value!)));
    return shown ? Math.max(0, at - shown[0]) : Number.POSITIVE_INFINITY;
  }

  async function youngest(opened: OpenPage, channel: string, limitMs = LOOK_MS): Promise<number> {
    const deadline = performance.now() + limitMs;
    await opened.page.evaluate((name) => {
      document.querySelector(`[data-testid="chart-${name}"]`)?.scrollIntoView();
    }, channel);
    let found = await age(opened, channel);
    while (found > freshMs && performance.now() < deadline) {
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
        if (name === "empty") return opened;
        const first = await youngest(opened, CHANNELS[0]!.name, READY_MS);
        if (first > freshMs) throw new Error(`${name}: its charts do not show what comes`);
        return opened;
      } catch (error) {
        await opened.close();
        throw error;
      }
    },
    async ages(opened, charts = CHANNELS.length) {
      const ages: number[] = [];
      for (const { name } of CHANNELS.slice(0, charts)) ages.push(await youngest(opened, name));
      await opened.page.evaluate(() => scrollTo(0, 0));
      return ages;
    },
    freshMs,
    close,
  };
}
