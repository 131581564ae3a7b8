import { setTimeout as sleep } from "node:timers/promises";
import { untilQuiet } from "../quiet";
import { median } from "../report";
import type { OpenPage, Size, Usage } from "./browser";
import { type ChartLab, openChartLab } from "./lab";
import type { PageName } from "./pages";

export type Contender = Exclude<PageName, "empty">;

export interface Lengths {
  warmUpS: number;
  seconds: number;
  scrollS: number;
  size: Size;
}

/** Shares of a core, and what the charts showed. */
export interface Steady {
  main: number;
  tasks: number;
  script: number;
  layout: number;
  process: number;
  /** Median age of the values beside the charts, ms. */
  shownAgeMs: number;
  version: string;
  busyPercent: number;
}

export interface Frames {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Share of the frames that came later than 20 ms after the one before. */
  late: number;
}

export interface Run {
  page: Contender;
  steady: Steady;
  frames?: Frames;
}

const QUIET_WAIT_MS = 60_000;
const LATE_FRAME_MS = 20;

/** One page at work: first standing still, then scrolled. */
export async function runPage(lab: ChartLab, page: Contender, lengths: Lengths): Promise<Run> {
  const busyPercent = Math.round(100 * (await untilQuiet(QUIET_WAIT_MS)));
  const opened = await lab.open(page, lengths.size);
  try {
    await sleep(1000 * lengths.warmUpS);
    const before = await opened.usage();
    await sleep(1000 * lengths.seconds);
    const shares = sharesOf(before, await opened.usage());
    const frames = lengths.scrollS > 0 ? framesOf(await opened.scroll(1000 * lengths.scrollS)) : undefined;
    const ages = await lab.ages(opened);
    if (page === "nowboard") expectFresh(ages, lab.freshMs);
    const { version } = opened;
    return { page, steady: { ...shares, shownAgeMs: median(ages), version, busyPercent }, frames };
  } finally {
    await opened.close();
  }
}

/** How many frames this browser draws here when a page does nothing but scroll. */
export async function emptyFrames(lab: ChartLab, lengths: Lengths): Promise<Frames> {
  const opened = await lab.open("empty", lengths.size);
  try {
    return framesOf(await opened.scroll(1000 * lengths.scrollS));
  } finally {
    await opened.close();
  }
}

export interface Heap {
  page: Contender;
  /** Minutes that the page believes to have been open, and its heap after a garbage collection. */
  samples: { minute: number; mb: number }[];
  /** Why there are no more samples. */
  failed?: string;
}

/** A page for so many minutes, on clocks that run `speed` times as fast; a sample each five minutes. */
export async function watchHeap(
  pages: string,
  page: Contender,
  { minutes, speed, size }: { minutes: number; speed: number; size: Size },
): Promise<Heap> {
  await untilQuiet(QUIET_WAIT_MS);
  const heap: Heap = { page, samples: [] };
  const lab = await openChartLab(pages, { speed, since: Date.now() });
  let opened: OpenPage | undefined;
  try {
    opened = await lab.open(page, size);
    const start = performance.now();
    for (let minute = 5; minute <= minutes; minute += 5) {
      await sleep(start + (minute * 60_000) / speed - performance.now());
      heap.samples.push({ minute, mb: await opened.heapMb() });
    }
    if (page === "nowboard") expectFresh(await lab.ages(opened, 4), lab.freshMs);
    return heap;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : error;
    return { ...heap, failed: `at ${speed} times the speed: ${why}` };
  } finally {
    await opened?.close();
    await lab.close();
  }
}

function sharesOf(before: Usage, after: Usage) {
  const share = (figure: keyof Usage) => (after[figure] - before[figure]) / (after.wall - before.wall);
  return {
    main: share("main"),
    tasks: share("tasks"),
    script: share("script"),
    layout: share("layout"),
    process: share("process"),
  };
}

function framesOf(intervals: number[]): Frames {
  const sorted = [...intervals].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const total = intervals.reduce((sum, ms) => sum + ms, 0);
  return {
    perSecond: (1000 * intervals.length) / total,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    late: intervals.filter((ms) => ms > LATE_FRAME_MS).length / intervals.length,
  };
}

/** A page that stands still is fast, too: its figures count for nothing. */
function expectFresh(ages: number[], limitMs: number): void {
  const stale = ages.filter((age) => age > limitMs).length;
  if (stale > 0)
    throw new Error(`${stale} of ${ages.length} charts of Nowboard's page did not show what came: ${ages}`);
}
