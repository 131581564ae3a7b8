import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type CDPSession, chromium, type Page } from "playwright";
import { launchOptions } from "../../support/chromium";
import { mainThreadCpuUs, processCpuUs } from "../process-cpu";

/** Nothing that is asked of a page may take longer, ms: a busy one answers late. */
const ANSWER_MS = 30_000;
const MB = 1024 * 1024;

/** What a page has used since it was opened, s. */
export interface Usage {
  wall: number;
  /**
   * CPU time of the renderer's main thread. Chromium's own count of tasks leaves out what follows a task, above all
   * the raster of canvases, which was half of the work of pages that draw much.
   */
  main: number;
  /** Chromium's count of tasks (`TaskDuration`), as its DevTools show it. */
  tasks: number;
  script: number;
  /** Styles and layout. */
  layout: number;
  /** CPU time of the renderer process, all its threads: raster and garbage collection too. */
  process: number;
}

export interface Size {
  width: number;
  height: number;
}

/** One page in a browser of its own, so that nothing else runs in its process. */
export interface OpenPage {
  page: Page;
  version: string;
  usage(): Promise<Usage>;
  /** JavaScript's heap after garbage collections: the lowest of three, as what is just under way is no leak. */
  heapMb(): Promise<number>;
  /** Scrolls up and down by the wheel for `ms`; gives the times between animation frames, ms. */
  scroll(ms: number): Promise<number[]>;
  close(): Promise<void>;
}

export async function openPage(url: string, viewport: Size): Promise<OpenPage> {
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(ANSWER_MS);
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(url);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "timeTicks" });
    return {
      page,
      version: browser.version(),
      usage: async () => {
        if (errors[0]) throw new Error(`${url}: ${errors[0].stack}`);
        const metrics = await metricsOf(session);
        const cpu = await rendererCpu(browser);
        return {
          wall: metrics("Timestamp"),
          main: cpu.main,
          tasks: metrics("TaskDuration"),
          script: metrics("ScriptDuration"),
          layout: metrics("LayoutDuration") + metrics("RecalcStyleDuration"),
          process: cpu.process,
        };
      },
      heapMb: async () => {
        const looks: number[] = [];
        for (let i = 0; i < 3; i++) {
          await inTime(session.send("HeapProfiler.collectGarbage"));
          looks.push((await metricsOf(session))("JSHeapUsedSize") / MB);
          await sleep(100);
        }
        return Math.min(...looks);
      },
      scroll: (ms) => scroll(page, session, viewport, ms),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function metricsOf(session: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await inTime(session.send("Performance.getMetrics"));
  const values = new Map(metrics.map(({ name, value }) => [name, value]));
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`Chromium does not tell ${name}`);
    return value;
  };
}

/** CPU time of all renderers of a browser, s; those beside the page's are spares that do nothing. */
async function rendererCpu(browser: Browser): Promise<{ main: number; process: number }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await inTime(session.send("SystemInfo.getProcessInfo"));
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const sum = (cpuUs: (pid: number) => number) => renderers.reduce((us, pid) => us + cpuUs(pid), 0) / 1e6;
  return { main: sum(mainThreadCpuUs), process: sum(processCpuUs) };
}

const PIXELS_PER_SECOND = 1000;

async function scroll(
  page: Page,
  session: CDPSession,
  { width, height }: Size,
  ms: number,
): Promise<number[]> {
  const room = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  if (room < height) throw new Error("The page has nothing to scroll in so large a window");
  // One way takes a second or two, so that the whole of it ends in time.
  const distance = Math.min(room, 2 * PIXELS_PER_SECOND);
  const deadline = performance.now() + ms;
  await page.evaluate(() => {
    scrollTo(0, 0);
    window.benchFrames.start();
  });
  for (let way = -1; performance.now() < deadline; way = -way) {
    const gesture = {
      x: Math.round(width / 2),
      y: Math.round(height / 2),
      yDistance: way * distance,
      speed: PIXELS_PER_SECOND,
      gestureSourceType: "mouse",
    } as const;
    await inTime(session.send("Input.synthesizeScrollGesture", gesture));
    const at = await page.evaluate(() => scrollY);
    if (way < 0 && at < distance / 2) throw new Error(`The page did not scroll: it is at ${at} px`);
  }
  return page.evaluate(() => window.benchFrames.stop());
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: limit.signal, ref: false }).then(() => {
    throw new Error(`Chromium did not answer within ${ANSWER_MS} ms`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => {});
    limit.abort();
  }
}
