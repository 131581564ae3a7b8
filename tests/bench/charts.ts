/**
 * `npm run bench:charts`: what 24 live charts cost in Chromium, beside a page that pushes each point through React's
 * state into react-chartjs-2, in the same run on the same machine.
 *
 *   --only steady|scroll|heap   only this (may be repeated); scrolling comes after standing still
 *   --runs N                    rounds of both pages, 2 by default
 *   --seconds N                 how long each page is measured, 20 by default, after --warm-up N, 5 by default
 *   --scroll N                  how long each page is scrolled in the last round, 10 s by default
 *   --minutes N                 how long each page is watched for its heap, 30 by default,
 *   --speed N                   on clocks that run so many times as fast, 24 by default
 *   --size WxH                  of the window, 1440x900 by default; 1440x4600 with --only steady has all charts on it
 *   --json FILE                 also writes the figures, verdicts and the machine to FILE
 *   --check                     exit code 1 when a target is missed
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openChartLab } from "./charts/lab";
import { buildPages } from "./charts/pages";
import { emptyFrames, type Lengths, runPage, watchHeap } from "./charts/phases";
import { ABOUT, describe, judge, type Results } from "./charts/verdicts";
import { machine } from "./report";

/** Something hangs when the whole takes so long beyond what was asked for, ms. */
const GRACE_MS = 5 * 60_000;
const PHASES = ["steady", "scroll", "heap"];

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: PHASES },
      runs: { type: "string", default: "2" },
      seconds: { type: "string", default: "20" },
      "warm-up": { type: "string", default: "5" },
      scroll: { type: "string", default: "10" },
      minutes: { type: "string", default: "30" },
      speed: { type: "string", default: "24" },
      size: { type: "string", default: "1440x900" },
      json: { type: "string" },
      check: { type: "boolean", default: false },
    },
  });
  const unknown = values.only.find((phase) => !PHASES.includes(phase));
  if (unknown !== undefined) throw new Error(`There is no phase "${unknown}": ${PHASES.join(", ")}`);
  const [, width, height] = /^(\d+)x(\d+)$/.exec(values.size) ?? [];
  if (!width || !height) throw new Error(`--size needs a size like 1440x900, not "${values.size}"`);
  const count = (name: "runs" | "seconds" | "warm-up" | "scroll" | "minutes" | "speed") => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} needs a whole number, not "${values[name]}"`);
    return value;
  };
  const isAsked = (phase: string) => values.only.includes(phase);
  const lengths: Lengths = {
    warmUpS: count("warm-up"),
    seconds: count("seconds"),
    scrollS: isAsked("scroll") ? count("scroll") : 0,
    size: { width: Number(width), height: Number(height) },
  };
  const { json, check } = values;
  const heap = { minutes: count("minutes"), speed: count("speed"), size: lengths.size };
  return { json, check, runs: count("runs"), lengths, heap, isAsked };
}

type Options = ReturnType<typeof readOptions>;

/** Both pages in turn, so that what else the machine does meets both. */
async function measure(pages: string, { runs, lengths, heap, isAsked }: Options): Promise<Results> {
  const results: Results = { runs: [], heaps: [] };
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (isAsked("steady") || isAsked("scroll")) {
    const lab = await openChartLab(pages);
    try {
      if (lengths.scrollS > 0) results.empty = await emptyFrames(lab, lengths);
      for (let run = 1; run <= runs; run++)
        for (const page of ["naive", "nowboard"] as const) {
          say(`${page}, run ${run} of ${runs}`);
          // Scrolling is steadier than what comes before it: once is enough.
          const scrollS = run === runs ? lengths.scrollS : 0;
          results.runs.push(await runPage(lab, page, { ...lengths, scrollS }));
        }
    } finally {
      await lab.close();
    }
  }
  if (isAsked("heap")) {
    for (const page of ["naive", "nowboard"] as const) {
      // The naive page waits for nothing and reads no clock, so its time is worth less.
      const speed = page === "naive" ? 2 * heap.speed : heap.speed;
      say(`${page}, its heap over ${heap.minutes} minutes, ${speed} times as fast`);
      results.heaps.push(await watchHeap(pages, page, { ...heap, speed }));
    }
  }
  return results;
}

/** Longer than all that was asked for, waiting for a quiet machine included. */
function limitMs({ runs, lengths, heap }: Options): number {
  const { warmUpS, seconds, scrollS } = lengths;
  return (
    GRACE_MS + 2000 * runs * (warmUpS + seconds + 2 * scrollS + 60) + (60_000 * heap.minutes) / heap.speed
  );
}

async function main(): Promise<void> {
  const options = readOptions();
  setTimeout(() => fail(new Error("The benchmark hangs")), limitMs(options)).unref();
  const pages = mkdtempSync(join(tmpdir(), "nowboard-bench-pages-"));
  process.once("exit", () => rmSync(pages, { recursive: true, force: true }));
  await buildPages(pages);
  const results = await measure(pages, options);
  const chromium = results.runs.at(0)?.steady.version;
  const { width, height } = options.lengths.size;
  const browser = `Chromium${chromium === undefined ? "" : ` ${chromium}`}, headless, ${width} × ${height}`;
  const where = `${machine()}\n${browser}`;
  process.stdout.write(`${where}\n\n${ABOUT}\n\n${describe(results)}\n`);
  const verdicts = judge(results);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine: where, ...results, verdicts }, null, 2)}\n`);
  if (options.check && verdicts.some(({ ok }) => !ok)) process.exitCode = 1;
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

main().catch(fail);
