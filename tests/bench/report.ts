import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import type { Pair, Row, Scenario, Target } from "./scenario";

/** All runs of a scenario. */
export interface Measured {
  scenario: Scenario;
  pairs: Pair[];
}

export interface Verdict {
  scenario: string;
  what: string;
  limit: number;
  figure: number | null;
  ok: boolean;
}

/** Counts of mistakes: no run may have any, so the worst one speaks, not the median. */
const MISTAKES = ["missed", "doubled", "disordered", "broken", "notBack"];

const FLAWLESS: Target = {
  what: "updates missed, doubled or out of order",
  limit: 0,
  figure: ({ nowboard }) => nowboard.missed + nowboard.doubled + nowboard.disordered + nowboard.broken,
};

export function median(figures: number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One row for several runs: medians, and the worst for mistakes. */
export function summarize(rows: Row[]): Row {
  const summary = { ...rows[0]! };
  for (const [figure, first] of Object.entries(summary)) {
    if (typeof first === "string") continue;
    const measured = rows.map((row) => row[figure]).filter((value) => typeof value === "number");
    if (measured.length === 0) continue;
    summary[figure] = MISTAKES.includes(figure) ? Math.max(...measured) : median(measured);
  }
  return summary;
}

/** Compares each target with the runs: ratios are taken within a run, where both peers had the same machine. */
export function judge({ scenario, pairs }: Measured): Verdict[] {
  return [...scenario.targets, FLAWLESS].map(({ what, limit, figure }) => {
    const figures = pairs.map(figure);
    const known = figures.filter((value): value is number => value !== null && !Number.isNaN(value));
    const result = known.length < figures.length ? null : limit === 0 ? Math.max(...known) : median(known);
    return { scenario: scenario.name, what, limit, figure: result, ok: result !== null && result <= limit };
  });
}

export function rowsOf({ pairs }: Measured): Row[] {
  return [summarize(pairs.map((pair) => pair.nowboard)), summarize(pairs.map((pair) => pair["socket.io"]))];
}

/** The whole report as text. */
export function report(measured: Measured[], runs: number): string {
  const head = ["scenario", "peer", "CPU µs/update", "bytes/update", "packets/update", "p50 ms", "p99 ms"];
  const rows = measured.flatMap((one) =>
    rowsOf(one).map((row) => [
      row.scenario,
      row.peer,
      ...[row.cpuUsPerUpdate, row.bytesPerUpdate, row.packetsPerUpdate, row.p50Ms, row.p99Ms].map(number),
      ...[row.missed, row.doubled, row.disordered].map(String),
      extras(one.scenario, row),
    ]),
  );
  const verdicts = measured
    .flatMap(judge)
    .map(({ scenario, what, limit, figure, ok }) => [
      scenario,
      what,
      `≤ ${limit}`,
      number(figure),
      ok ? "ok" : "MISSED",
    ]);
  return [
    machine(),
    "",
    ...measured.map(({ scenario }) => `${scenario.name}: ${scenario.about}`),
    "",
    `Medians of ${runs}; of missed, doubled and out of order the most.`,
    table([[...head, "missed", "doubled", "out of order", ""], ...rows]),
    "",
    table([["target", "", "", "measured", ""], ...verdicts]),
  ].join("\n");
}

function extras({ extras = {} }: Scenario, row: Row): string {
  return Object.entries(extras)
    .map(([figure, title]) => `${title} ${number(row[figure] as number | null)}`)
    .join(", ");
}

export function number(value: number | null): string {
  if (value === null) return "–";
  return value.toFixed(
    Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  );
}

export function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Where the figures come from: they mean nothing elsewhere. */
export function machine(): string {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  const load = os.loadavg()[0]!.toFixed(1);
  return [
    `${os.cpus().length} × ${cpu?.model.trim()}, ${memory} GB, ${os.type()} ${os.release()}, load ${load}`,
    `Node ${process.versions.node}, V8 ${process.versions.v8}, ${packages()}, Nowboard ${commit()}`,
  ].join("\n");
}

function packages(): string {
  const require = createRequire(import.meta.url);
  return ["socket.io", "ws", "better-sqlite3"]
    .map(
      (name) =>
        `${name} ${JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")).version}`,
    )
    .join(", ");
}

function commit(): string {
  try {
    const command = ["describe", "--always", "--dirty"];
    return execFileSync("git", command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "of unknown version";
  }
}
