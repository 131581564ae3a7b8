/**
 * A randomised run: mixes of faults, updates and what viewers do. A failing mix is made as small as it gets and
 * printed with its seed.
 *
 *   npx tsx tests/qa/random.ts [--seed N] [--minutes M]
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { chromium } from "playwright";
import { launchOptions } from "@/tests/support/chromium";
import { type Step, steps, wordsOf } from "./steps";
import { faultsOf, World } from "./world";

/** How long a failing mix is minimised, minutes. */
const MINIMISE_MINUTES = 15;
const MINUTE = 60_000;

const { values } = parseArgs({
  options: { seed: { type: "string" }, minutes: { type: "string", default: "10" } },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isInteger(seed) || !(minutes > 0)) throw new Error("--seed and --minutes are numbers");

// The way out that ends what was started, whoever asks.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const browser = await chromium.launch({
  ...launchOptions(),
  handleSIGINT: false,
  handleSIGTERM: false,
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
});
let runs = 0;
let updates = 0;

async function runMix(mix: readonly Step[]): Promise<void> {
  const world = await World.open(browser, seed + runs);
  runs += 1;
  const startedAt = Date.now();
  try {
    for (const step of mix) await world.take(step);
    const verdict = await world.settle();
    updates += verdict.expected;
    const wrong = faultsOf(verdict);
    const took = ((Date.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(
      `run ${runs}: ${mix.length} steps, ${verdict.expected} updates, ${took} s: ${wrong.join("; ") || "ok"}\n`,
    );
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  } finally {
    await world.close();
  }
}

const property = fc.asyncProperty(steps, runMix);
process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);
const first = await fc.check(property, {
  seed,
  numRuns: 100_000,
  endOnFailure: true,
  interruptAfterTimeLimit: minutes * MINUTE,
});
if (first.counterexamplePath !== null) {
  process.stdout.write(`failed: ${first.errorInstance}\nmaking the mix smaller …\n`);
  const smallest = await fc.check(property, {
    seed,
    path: first.counterexamplePath,
    numRuns: 1,
    interruptAfterTimeLimit: MINIMISE_MINUTES * MINUTE,
  });
  const [mix] = smallest.counterexample ?? first.counterexample!;
  process.stdout.write(
    `\nThe smallest mix that failed, seed ${seed}, path ${smallest.counterexamplePath ?? first.counterexamplePath}:\n` +
      `${mix.map((step) => `  ${wordsOf(step)}`).join("\n")}\n${smallest.errorInstance ?? first.errorInstance}\n`,
  );
  process.exitCode = 1;
}
process.stdout.write(`${runs} runs, ${updates} updates expected\n`);
await browser.close();
