/**
 * `npm run qa`: proves that no broken connection makes a page lie.
 *
 *   npm run qa                           the whole matrix, fault × transport
 *   npm run qa -- --grep sleep           some of it (a regular expression over "fault on rung: row …")
 *   npm run qa -- --fast                 the part that `npm test` runs
 *   npm run qa -- --json FILE            also writes the figures as JSON
 *   npm run qa -- --workers 1            one scenario at a time, for slow machines
 *   npm run qa -- --random --seed N --minutes M     faults and page actions as they come
 *   npm run qa -- --soak                 a day of updates on one page
 *   npm run qa -- --mutants              breaks the product on purpose: is each break caught?
 *
 * `NOWBOARD_URL` and `NOWBOARD_INGEST_KEY` name a deployment that runs already.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const CONFIG = "tests/qa/playwright.config.ts";

const { values } = parseArgs({
  options: {
    grep: { type: "string" },
    json: { type: "string" },
    workers: { type: "string" },
    fast: { type: "boolean", default: false },
    random: { type: "boolean", default: false },
    seed: { type: "string" },
    minutes: { type: "string" },
    soak: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
  },
});

/** Runs a command with its output shown; ends this process when it fails. */
function run(command: string, args: string[], env: Record<string, string | undefined> = {}): void {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
}

function option(name: "grep" | "json" | "workers" | "seed" | "minutes"): string[] {
  return values[name] === undefined ? [] : [`--${name}`, values[name]];
}

if (values.mutants) run("npx", ["tsx", "tests/qa/mutants.ts", ...option("grep")]);
else {
  run("npx", ["tsx", "tests/support/prepare.ts"]);
  if (values.random) run("npx", ["tsx", "tests/qa/random.ts", ...option("seed"), ...option("minutes")]);
  else {
    const grep = values.soak ? ["--grep", "@soak"] : values.fast ? ["--grep", "@fast"] : option("grep");
    const skipSoak = values.soak ? [] : ["--grep-invert", "@soak"];
    const json = values.json === undefined ? {} : { QA_JSON: resolve(values.json) };
    run("npx", ["playwright", "test", "-c", CONFIG, ...grep, ...skipSoak, ...option("workers")], json);
  }
}
