/** `npm run new:page <name>`, `new:channel`, `new:source`: writes what a new one needs, and says what to edit. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Channel } from "@/lib/shared/define-channel";
import { namesOf } from "./names";
import { KINDS, type Kind, planOf } from "./plan";
import { writeAll } from "./write";

async function main([kind, name, ...more]: string[]): Promise<void> {
  if (!KINDS.includes(kind as Kind))
    throw new Error(`There are: ${KINDS.map((one) => `new:${one}`).join(", ")}`);
  if (name === undefined || more.length > 0)
    throw new Error(`It needs one name, for example: npm run new:${kind} web-shop`);
  const plan = planOf(kind as Kind, namesOf(name), {
    read: (path) => readFileSync(path, "utf8"),
    has: existsSync,
    channels: await readChannels(),
  });
  const files = { ...plan.created, ...plan.changed };
  writeAll(files);
  // How long a line may be is the formatter's business.
  const { status } = spawnSync("npx", ["biome", "format", "--write", ...Object.keys(files)], {
    stdio: "ignore",
  });
  const lines = [
    ...Object.keys(plan.created).map((path) => `  new      ${path}`),
    ...Object.keys(plan.changed).map((path) => `  changed  ${path}`),
    ...(status === 0 ? [] : ["  They are not formatted: npx biome format --write ."]),
    "A server that runs with `npm run dev` has it already.",
    "Next:",
    ...plan.next.map((line) => `  ${line}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function readChannels(): Promise<readonly Channel[]> {
  try {
    const { channels } = await import("@/lib/channels/registry");
    return channels;
  } catch (error) {
    throw new Error(`lib/channels has a fault, mend it first: ${(error as Error).message}`, { cause: error });
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
