/**
 * `npm run qa`: proves that no broken connection makes a page lie.
 *
 *   npm run qa                           the whole matrix, fault × transport
 *   npm run qa -- --page stock           what breaks connections, on one page; also with --grep, --fast
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
import { pathOf } from "./page-names";

const CONFIG = "tests/qa/playwright.config.ts";

const { values } = parseArgs({
  options: {
    page: { type: "string" },
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

/** The address of the page that was asked for. */
function pageAsked(name: string): string {
  try {
    return pathOf(name);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

const { grep, json, workers, seed, minutes } = values;
const page = values.page === undefined ? undefined : pageAsked(values.page);
if (values.mutants)
  run("npx", ["tsx", "tests/qa/mutants.ts", ...(grep === undefined ? [] : ["--grep", grep])]);
else {
  run("npx", ["tsx", "tests/support/prepare.ts", ...(page ? ["--browser"] : [])]);
  const tag = (["fast", "random", "soak"] as const).find((name) => values[name]);
  const chosen = tag ? `@${tag}` : grep;
  const args = [...(page ? ["qa/page.spec.ts"] : []), ...(chosen === undefined ? [] : ["--grep", chosen])];
  // Each of these takes long, so it runs only when asked for.
  if (!tag || tag === "fast") args.push("--grep-invert", "@random|@soak");
  if (workers !== undefined) args.push("--workers", workers);
  run("npx", ["playwright", "test", "-c", CONFIG, ...args], {
    QA_REPORT: "qa-report",
    QA_PAGE: page,
    QA_JSON: json === undefined ? undefined : resolve(json),
    QA_SEED: seed ?? String(Date.now() % 1_000_000),
    QA_MINUTES: minutes,
  });
}
