/**
 * Is the kit worth its time? Breaks the product on purpose, one way after the other, in a copy of it, and runs the
 * scenario that has to catch it. Ends with 1 when a break goes unseen.
 *
 *   npx tsx tests/qa/mutants.ts [--grep NAME]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MUTANTS, type Mutant } from "./mutant-list";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({ options: { grep: { type: "string", default: "" } } });

/** A copy of the working tree with its dependencies, which are linked where the file system can. */
function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-mutants-"));
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const path of list.split("\0")) {
    if (!path || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  const modules = join(ROOT, "node_modules");
  const linked = spawnSync("cp", ["-al", modules, folder], { stdio: "ignore" });
  if (linked.status !== 0) {
    rmSync(join(folder, "node_modules"), { recursive: true, force: true });
    cpSync(modules, join(folder, "node_modules"), { recursive: true, verbatimSymlinks: true });
  }
  return folder;
}

/** Runs one scenario in the copy; what it found, or `undefined` when it passed. */
function runScenario(folder: string, scenario: string): string | undefined {
  const json = join(folder, "qa.json");
  rmSync(json, { force: true });
  const built = spawnSync("npx", ["tsx", "lib/server/ensure-build.ts"], { cwd: folder, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the copy does not build:\n${built.stdout}${built.stderr}`);
  const args = [
    "playwright",
    "test",
    "-c",
    "tests/qa/playwright.config.ts",
    "--workers",
    "1",
    "--grep",
    scenario,
  ];
  const { status, stdout } = spawnSync("npx", args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NOWBOARD_URL: undefined, QA_JSON: json },
  });
  if (status === 0) return undefined;
  if (!existsSync(json)) throw new Error(`the scenario did not run:\n${stdout}`);
  const [row] = JSON.parse(readFileSync(json, "utf8")).scenarios;
  if (!row) throw new Error(`no scenario is called ${scenario}:\n${stdout}`);
  const figures = ["missing", "doubled", "disordered", "dishonest"].filter((name) => row[name] > 0);
  const counts = figures.map((name) => `${row[name]} ${name}`);
  return counts.join(", ") || (/Error: (.*)/.exec(stdout)?.[1] ?? "failed");
}

function mutate(folder: string, { edits }: Mutant): () => void {
  const originals = edits.map(({ file, from, to }) => {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${file} has this not exactly once:\n${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    return { path, text };
  });
  return () => {
    for (const { path, text } of originals) writeFileSync(path, text);
  };
}

const mutants = MUTANTS.filter(({ name }) => name.includes(values.grep));
const folder = copyProject();
let survived = 0;
try {
  for (const scenario of new Set(mutants.map(({ caughtBy }) => caughtBy))) {
    const found = runScenario(folder, scenario);
    if (found !== undefined) throw new Error(`without any break, “${scenario}” found: ${found}`);
    process.stdout.write(`unbroken: ${scenario} passes\n`);
  }
  for (const mutant of mutants) {
    const restore = mutate(folder, mutant);
    const found = runScenario(folder, mutant.caughtBy);
    restore();
    if (found === undefined) survived += 1;
    process.stdout.write(
      `${mutant.name}: ${found === undefined ? "SURVIVED" : `caught by “${mutant.caughtBy}”: ${found}`}\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${mutants.length - survived} of ${mutants.length} caught\n`);
process.exitCode = survived > 0 ? 1 : 0;
