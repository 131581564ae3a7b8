/** `npm run new:page <name>`, `new:channel`, `new:source`: writes what a new one needs, and says what to edit. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { namesOf } from "./names";
import { KINDS, type Kind, planOf } from "./plan";

function main([kind, name, ...more]: string[]): void {
  if (!KINDS.includes(kind as Kind) || name === undefined || more.length > 0)
    throw new Error("npm run new:page <name>, new:channel <name> or new:source <name>");
  const plan = planOf(kind as Kind, namesOf(name), (path) => readFileSync(path, "utf8"));
  // All or nothing: what is there already is somebody's work.
  const taken = Object.keys(plan.created).find((path) => existsSync(path));
  if (taken !== undefined) throw new Error(`${taken} is there already: choose another name`);
  const files = Object.entries({ ...plan.created, ...plan.changed });
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  // How long a line may be is the formatter's business.
  spawnSync("npx", ["biome", "format", "--write", ...files.map(([path]) => path)], { stdio: "ignore" });
  const lines = [
    ...Object.keys(plan.created).map((path) => `  new      ${path}`),
    ...Object.keys(plan.changed).map((path) => `  changed  ${path}`),
    "Next:",
    ...plan.next.map((line) => `  ${line}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
