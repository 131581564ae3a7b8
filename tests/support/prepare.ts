/**
 * Run before the tests: sees to it that there is a browser and a production build of what is in the tree.
 * Does nothing when both are there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findChromium } from "./chromium";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const APT = "apt-get install -y --no-install-recommends chromium";
const PLAYWRIGHT = "npx playwright install chromium";

/** Runs a command with its output shown; whether it succeeded. */
function run(command: string, env: Record<string, string> = {}): boolean {
  process.stdout.write(`> ${command}\n`);
  const { status } = spawnSync(command, {
    cwd: ROOT,
    shell: true,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  return status === 0;
}

function ensureChromium() {
  if (findChromium()) return;
  const canUseApt = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (canUseApt && run(`apt-get update && ${APT}`, { DEBIAN_FRONTEND: "noninteractive" }) && findChromium())
    return;
  if (run(PLAYWRIGHT) && findChromium()) return;
  const command = existsSync("/usr/bin/apt-get") ? `sudo ${APT}` : PLAYWRIGHT;
  process.stderr.write(
    `The browser tests need Chromium. Install it with\n\n  ${command}\n\nor name one in CHROMIUM_PATH.\n`,
  );
  process.exit(1);
}

ensureChromium();
if (!run("npx tsx lib/server/ensure-build.ts")) process.exit(1);
