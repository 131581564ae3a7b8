import { median, number, table, type Verdict } from "../report";
import type { Contender, Frames, Heap, Run } from "./phases";

export interface Results {
  runs: Run[];
  empty?: Frames;
  heaps: Heap[];
}

const CONTENDERS: Contender[] = ["naive", "nowboard"];
const TITLES: Record<Contender, string> = { naive: "react-chartjs-2", nowboard: "Nowboard" };
/** The heap is compared with that of this minute: by then everything is loaded and every window is full. */
const SETTLED_MINUTE = 10;

/** Compares what the issue asks for with what was measured; what was not measured is left out. */
export function judge({ runs, empty, heaps }: Results): Verdict[] {
  const verdicts: Verdict[] = [];
  const add = (what: string, limit: number, figure: number | null) =>
    verdicts.push({ scenario: "charts", what, limit, figure, ok: figure !== null && figure <= limit });
  const [naive, nowboard] = CONTENDERS.map((page) => runs.filter((run) => run.page === page));
  if (nowboard!.length > 0) {
    // Within a round both had the same machine.
    const ratios = nowboard!.map(({ steady }, i) => steady.main / naive![i]!.steady.main);
    add("main thread, of the naive page's", 0.2, median(ratios));
    add("main thread, % of a core", 40, 100 * median(nowboard!.map(({ steady }) => steady.main)));
  }
  const scrolled = nowboard!.flatMap(({ frames }) => frames ?? []);
  if (empty && scrolled.length > 0) {
    const lost = scrolled.map(({ perSecond }) => 1 - perSecond / empty.perSecond);
    add("frames lost while scrolling, % of an empty page's", 5, 100 * median(lost));
    const late = scrolled.map((frames) => frames.late - empty.late);
    add("frames later than 20 ms, % beyond an empty page's", 5, 100 * median(late));
  }
  for (const heap of heaps) {
    if (heap.page === "nowboard") add(`heap at the end, of minute ${SETTLED_MINUTE}'s`, 1.1, growthOf(heap));
  }
  return verdicts;
}

function growthOf({ samples, failed }: Heap): number | null {
  const settled = samples.find(({ minute }) => minute === SETTLED_MINUTE);
  return settled && failed === undefined ? samples.at(-1)!.mb / settled.mb : null;
}

/** What both pages do, for who reads the figures. */
export const ABOUT = [
  "24 line charts in two columns, each with five minutes of history and 10 readings/s of a channel of its own, in turns.",
  "react-chartjs-2: an event per point, 3000 points in React's state, Chart.js without animation and without dots.",
  "Nowboard: LiveProvider, LivePage and LineChart from a page's snapshot. One server feeds both.",
  "Main thread: CPU time of that thread. Its tasks: Chromium's TaskDuration, by the clock, without canvases' raster.",
].join("\n");

/** All figures as tables. */
export function describe(results: Results): string {
  const { runs, empty, heaps } = results;
  const parts: string[] = [];
  if (runs.length > 0) parts.push(steadyTable(runs));
  if (empty) parts.push(frameTable(runs, empty));
  if (heaps.length > 0) parts.push(heapTable(heaps));
  const verdicts = judge(results).map(({ what, limit, figure, ok }) => [
    what,
    `≤ ${limit}`,
    number(figure),
    ok ? "ok" : "MISSED",
  ]);
  if (verdicts.length > 0) parts.push(table([["target", "", "measured", ""], ...verdicts]));
  return parts.join("\n\n");
}

function steadyTable(runs: Run[]): string {
  const rows = CONTENDERS.map((page) => {
    const of = runs.filter((run) => run.page === page).map(({ steady }) => steady);
    const shares = (["main", "tasks", "script", "layout", "process"] as const).map((figure) =>
      number(100 * median(of.map((steady) => steady[figure]))),
    );
    const busy = Math.max(...of.map(({ busyPercent }) => busyPercent));
    return [
      TITLES[page],
      ...shares,
      number(Math.round(median(of.map(({ shownAgeMs }) => shownAgeMs)))),
      `${busy}`,
    ];
  });
  const head = [
    "% of a core",
    "main thread",
    "its tasks",
    "script",
    "layout",
    "process",
    "shown age ms",
    "other work %",
  ];
  return table([head, ...rows]);
}

function frameTable(runs: Run[], empty: Frames): string {
  const row = (title: string, frames: Frames[]) =>
    frames.length === 0
      ? []
      : [
          [
            title,
            ...(["perSecond", "p50Ms", "p95Ms", "p99Ms"] as const).map((figure) =>
              number(median(frames.map((one) => one[figure]))),
            ),
            number(100 * median(frames.map(({ late }) => late))),
          ],
        ];
  const rows = CONTENDERS.flatMap((page) =>
    row(
      TITLES[page],
      runs.filter((run) => run.page === page).flatMap(({ frames }) => frames ?? []),
    ),
  );
  const head = ["while scrolling", "frames/s", "p50 ms", "p95 ms", "p99 ms", "over 20 ms %"];
  return table([head, ...row("empty page", [empty]), ...rows]);
}

function heapTable(heaps: Heap[]): string {
  const minutes = [...new Set(heaps.flatMap(({ samples }) => samples.map(({ minute }) => minute)))];
  const rows = heaps.map((heap) => [
    TITLES[heap.page],
    ...minutes.map((at) => number(heap.samples.find(({ minute }) => minute === at)?.mb ?? null)),
    number(growthOf(heap)),
    heap.failed ?? "",
  ]);
  return table([["heap MB at minute", ...minutes.map(String), "growth", ""], ...rows]);
}
