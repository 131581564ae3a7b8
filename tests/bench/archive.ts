/**
 * `npm run bench:archive`: what the history costs, and how fast it answers. Linux; it takes some minutes.
 *
 *   --series N     metrics with 30 days of data, 100 by default (400 are all: 2 GB)
 *   --seconds N    how long each load is measured, 30 by default
 *   --check        exit code 1 when a target is missed
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHANNELS, type DataOptions, METRICS, makeData, thirtyDays } from "./archive-data";
import { startChild } from "./calls";
import { untilQuiet } from "./quiet";
import { machine } from "./report";
import type { ArchiveServerCalls, LoadFigures } from "./server-archive";

const DAY_MS = 24 * 3_600_000;
const WARM_UP_S = 8;
const REQUESTS = 300;

const { values } = parseArgs({
  options: {
    series: { type: "string", default: "100" },
    seconds: { type: "string", default: "30" },
    check: { type: "boolean", default: false },
  },
});
const series = Number(values.series);
const seconds = Number(values.seconds);
const lines: string[] = [];
let isMissed = false;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
  lines.push(text);
}

/** A figure beside what it should be at most. */
function judge(what: string, figure: number, limit: number, unit: string): void {
  const ok = figure <= limit;
  if (!ok) isMissed = true;
  say(`  ${what}: ${figure.toFixed(2)} ${unit} (target ≤ ${limit} ${unit}) ${ok ? "ok" : "MISSED"}`);
}

interface Stage {
  archives?: boolean;
  env?: Record<string, string>;
  data?: DataOptions;
}

/** Runs `work` on a server of its own. */
async function withServer<T>(
  { archives = true, env = {}, data }: Stage,
  work: (server: ReturnType<typeof startChild<ArchiveServerCalls>>, port: number) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-archive-bench-"));
  if (data) {
    const { rows, mb } = await makeData(folder, data);
    say(`  made ${(rows / 1e6).toFixed(1)} million rows, ${mb.toFixed(0)} MB`);
  }
  const busy = Math.round(100 * (await untilQuiet(30_000)));
  if (busy > 15) say(`  other work takes ${busy} % of this machine: expect worse figures`);
  const server = startChild<ArchiveServerCalls>("./server-archive.ts");
  try {
    return await work(server, await server.ask("start", { folder, archives, env }));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureLoad(stage: Stage): Promise<LoadFigures> {
  return withServer(stage, async (server) => {
    const limit = (seconds + WARM_UP_S) * 4000;
    await server.ask("load", { seconds: WARM_UP_S }, limit);
    return server.ask("load", { seconds }, limit);
  });
}

async function measureAnswers(
  port: number,
  what: string,
  span: number,
  targetMs: number,
  points = 300,
): Promise<void> {
  const times: number[] = [];
  let example = "";
  for (let n = 0; n < REQUESTS; n++) {
    const to = Date.now() - n;
    const one = n % series;
    const query = `channel=c${Math.floor(one / METRICS)}&metrics=m${one % METRICS}&from=${to - span}&to=${to}&points=${points}`;
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/api/history?${query}`);
    const text = await response.text();
    times.push(performance.now() - begun);
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    const { step, tier, metrics } = JSON.parse(text);
    const count = (Object.values(metrics)[0] as { count: number[] }).count.filter((each) => each > 0).length;
    example = `step ${step / 1000} s from buckets of ${tier / 1000} s, ${count} with readings`;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
  say(`  ${what}: median ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms (${example})`);
  judge(`${what}, median`, at(0.5), targetMs, "ms");
}

async function main(): Promise<void> {
  say(machine());
  say(`\nSustained: ${CHANNELS} channels × ${METRICS} metrics × 1/s, ${seconds} s`);
  const off = await measureLoad({ archives: false });
  const on = await measureLoad({});
  say(
    `  CPU of the process: ${off.cpuPercent.toFixed(1)} % of a core without, ${on.cpuPercent.toFixed(1)} % with the archive`,
  );
  say(`  archived ${(on.readings / seconds).toFixed(0)} readings/s`);
  judge("the archive's share of a core", on.cpuPercent - off.cpuPercent, 5, "%");

  say("\nRetention beside delivery: the same load while a day of single readings is dropped");
  const data = thirtyDays(Math.min(series, 50), 26);
  const busy = await measureLoad({ data });
  for (const [name, figures] of [
    ["archive off", off],
    ["archive on", on],
    ["dropping", busy],
  ] as const)
    say(
      `  event-loop delay, ${name}: p50 ${figures.delayP50Ms.toFixed(2)}, p99 ${figures.delayP99Ms.toFixed(2)}, max ${figures.delayMaxMs.toFixed(1)} ms; dropped ${figures.dropped} rows`,
    );
  judge("p99 while dropping, more than with the archive off", busy.delayP99Ms - off.delayP99Ms, 5, "ms");

  say(`\nAnswers over HTTP, ${series} metrics with 30 days of data and 26 h of single readings`);
  const env = { NOWBOARD_HISTORY_RAW_HOURS: "26" };
  await withServer({ env, data: thirtyDays(series, 26) }, async (_, port) => {
    await measureAnswers(port, "5 minutes", 5 * 60_000, 50);
    await measureAnswers(port, "2 hours in 2000 points", 2 * 3_600_000, 50, 2000);
    await measureAnswers(port, "a day at 1 s", DAY_MS, 50);
    await measureAnswers(port, "a day in 2000 points", DAY_MS, 50, 2000);
    await measureAnswers(port, "30 days", 30 * DAY_MS, 50);
    await measureAnswers(port, "30 days in 2000 points", 30 * DAY_MS, 50, 2000);
  });
  process.stdout.write(`${lines.join("\n")}\n`);
  if (values.check && isMissed) process.exitCode = 1;
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
