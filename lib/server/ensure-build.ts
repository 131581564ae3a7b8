/** `npm start` runs this first: builds what is missing, and nothing when the build is newer than its sources. */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import SOURCES from "./build-sources.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** When the newest file or folder at or below `path` changed (ms): a folder does when one is added or removed. */
function newest(path: string): number {
  const entries = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
  return Math.max(modified(path), ...entries.map((name) => newest(join(path, name))));
}

if (modified(join(ROOT, ".next/BUILD_ID")) < Math.max(...SOURCES.map((name) => newest(join(ROOT, name))))) {
  process.stdout.write("Building the pages (once, about a minute) …\n");
  const env = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
  const { status } = spawnSync("npx", ["next", "build"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  process.exit(status ?? 1);
}
