/**
 * `npm run bench`: speed and memory beside plain Socket.IO, in the same run on the same machine.
 *
 *   --scenario page|fanout|storm|slow|latency|cluster   only this one (may be repeated)
 *   --runs N          medians of N, 3 by default
 *   --json FILE       also writes the rows, verdicts and the machine to FILE
 *   --cpu-prof DIR    profiles of the servers, for Chromium's DevTools
 *   --check           exit code 1 when a target is missed
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clusterScenarios } from "./cluster";
import { untilQuiet } from "./quiet";
import type { PeerName } from "./readers";
import { judge, type Measured, machine, report, rowsOf } from "./report";
import { FLAGS, type Flag, type Pair, type Row, type Scenario } from "./scenario";
import { slow } from "./slow";
import { steadyScenarios } from "./steady";
import { storm } from "./storm";

/** How long a run waits for other work on the machine to end, ms. */
const QUIET_WAIT_MS = 60_000;
const SCENARIOS: Scenario[] = [...steadyScenarios, ...clusterScenarios, storm, slow];

function readOptions() {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", multiple: true, default: [...FLAGS] },
      runs: { type: "string", default: "3" },
      json: { type: "string" },
      "cpu-prof": { type: "string" },
      check: { type: "boolean", default: false },
    },
  });
  const unknown = values.scenario.find((flag) => !FLAGS.includes(flag as Flag));
  if (unknown !== undefined) throw new Error(`There is no scenario "${unknown}": ${FLAGS.join(", ")}`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs needs a whole number, not "${values.runs}"`);
  const profiles = values["cpu-prof"];
  const nodeOptions = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  return { ...values, runs, nodeOptions };
}

/** Both peers in turn, so that what else the machine does meets both. */
async function measure(scenario: Scenario, runs: number, nodeOptions: string[]): Promise<Measured> {
  const pairs: Pair[] = [];
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`${scenario.name}, run ${run} of ${runs}\n`);
    const nowboard = await runQuietly(scenario, "nowboard", nodeOptions);
    pairs.push({ nowboard, "socket.io": await runQuietly(scenario, "socket.io", nodeOptions) });
  }
  return { scenario, pairs };
}

async function runQuietly(scenario: Scenario, peer: PeerName, nodeOptions: string[]): Promise<Row> {
  const busy = Math.round(100 * (await untilQuiet(QUIET_WAIT_MS)));
  if (busy > 15) process.stderr.write(`  other work takes ${busy} % of this machine: expect worse figures\n`);
  return { ...(await scenario.run(peer, nodeOptions)), busyPercent: busy };
}

async function main(): Promise<void> {
  const { scenario: flags, runs, json, check, nodeOptions } = readOptions();
  const measured: Measured[] = [];
  for (const scenario of SCENARIOS)
    if (flags.includes(scenario.flag)) measured.push(await measure(scenario, runs, nodeOptions));
  process.stdout.write(`${report(measured, runs)}\n`);
  const verdicts = measured.flatMap(judge);
  if (json !== undefined) {
    const rows = measured.flatMap(rowsOf);
    writeFileSync(json, `${JSON.stringify({ machine: machine(), runs, rows, verdicts }, null, 2)}\n`);
  }
  if (check && verdicts.some(({ ok }) => !ok)) process.exitCode = 1;
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
