/**
 * A randomised run: mixes of faults, updates and what viewers do (`npm run qa -- --random`). A failing mix is made
 * as small as it gets and printed with its seed.
 */
import fc from "fast-check";
import { expect, test } from "playwright/test";
import { type Step, steps, wordsOf } from "./steps";
import { faultsOf, World } from "./world";

/** How long a failing mix is minimised, minutes. */
const MINIMISE_MINUTES = 15;
const MINUTE = 60_000;
/** More than any time allows. */
const MOST_RUNS = 5000;

const seed = Number(process.env.QA_SEED ?? 1);
const minutes = Number(process.env.QA_MINUTES ?? 10);

// Traces of so many pages would fill the disk.
test.use({ trace: "off" });

test(`no mix of faults makes a page lie (seed ${seed})`, { tag: "@random" }, async ({ browser }) => {
  expect(Number.isInteger(seed) && minutes > 0, "--seed and --minutes are numbers").toBe(true);
  test.setTimeout((minutes + MINIMISE_MINUTES + 5) * MINUTE);
  let runs = 0;
  let updates = 0;

  let until = Date.now() + minutes * MINUTE;

  async function runMix(mix: readonly Step[]): Promise<void> {
    // Between two mixes, so that none is broken off and counted as good.
    const startedAt = Date.now();
    if (startedAt > until) return;
    const verdict = await World.run(browser, seed + runs, mix);
    runs += 1;
    updates += verdict.expected;
    const wrong = faultsOf(verdict);
    const took = ((Date.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(
      `run ${runs}: ${mix.length} steps, ${verdict.expected} updates, ${took} s: ${wrong.join("; ") || "ok"}\n`,
    );
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  }

  const property = fc.asyncProperty(steps, runMix);
  const first = await fc.check(property, {
    seed,
    numRuns: MOST_RUNS,
    endOnFailure: true,
  });
  process.stdout.write(`${runs} runs, ${updates} updates expected\n`);
  expect(runs).toBeGreaterThan(0);
  if (first.counterexample === null) return;

  process.stdout.write(`failed: ${first.errorInstance}\nmaking the mix smaller …\n`);
  until = Date.now() + MINIMISE_MINUTES * MINUTE;
  const smallest = await fc.check(property, { seed, path: first.counterexamplePath!, numRuns: 1 });
  const [mix] = smallest.counterexample ?? first.counterexample;
  const lines = mix.map((step) => `  ${wordsOf(step)}`).join("\n");
  throw new Error(
    `seed ${seed}, path ${smallest.counterexamplePath ?? first.counterexamplePath}\n${lines}\n${smallest.errorInstance ?? first.errorInstance}`,
  );
});
