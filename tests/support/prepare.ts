/**
 * Run before the tests: sees to it that there are a browser, the servers that Nowboard works with, and a production
 * build of what is in the tree. Does nothing when all of it is there. With `--browser` it leaves the servers out, which
 * tests of a page do not need.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProgram } from "@/lib/cluster/program";
import { findChromium } from "./chromium";
import { findKafka } from "./kafka-program";
import { findPostgres } from "./postgres-server";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const APT = "apt-get install -y --no-install-recommends";
const PLAYWRIGHT = "npx playwright install chromium";
/** Debian asks this file whether a service may be started; 101 says no. */
const POLICY = "/usr/sbin/policy-rc.d";
/** Programs of the tests that have the names of their Debian packages. */
const SERVERS = [
  ...["redis-server", "nginx", "haproxy", "mosquitto"],
  ...["prometheus", "prometheus-node-exporter", "openssl"],
];

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

const browserOnly = process.argv.includes("--browser");

/** The Debian packages of what is not there. */
function missing(): string[] {
  const browser = findChromium() ? [] : ["chromium"];
  if (browserOnly) return browser;
  return [...browser, ...(findPostgres() ? [] : ["postgresql"]), ...SERVERS.filter((name) => !isThere(name))];
}

function isThere(program: string): boolean {
  try {
    findProgram(program);
    return true;
  } catch {
    return false;
  }
}

/** The tests start servers of their own: those that are installed for them must not run beside. */
function installWithApt(packages: string[]): void {
  const isOurs = !existsSync(POLICY);
  // Whoever interrupts it ends apt; the file must not be left behind.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  if (isOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    run(`apt-get update && ${APT} ${packages.join(" ")}`, { DEBIAN_FRONTEND: "noninteractive" });
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}

function ensurePrograms(): void {
  const hasApt = existsSync("/usr/bin/apt-get");
  if (missing().length > 0 && hasApt && process.getuid?.() === 0) installWithApt(missing());
  if (missing().includes("chromium")) run(PLAYWRIGHT);
  const left = missing();
  if (left.length === 0) return;
  const browser = left.includes("chromium")
    ? `\nFor Chromium, CHROMIUM_PATH may name one, or: ${PLAYWRIGHT}`
    : "";
  const how = hasApt
    ? `Install it with\n\n  sudo ${APT} ${left.join(" ")}\n`
    : "Install it as your system does.\n";
  process.stderr.write(`The tests need ${left.join(", ")}. ${how}${browser}\n`);
  process.exit(1);
}

/** There is no Debian package of Kafka: where Java and Maven bring it, its tests run, else they are skipped and say so. */
function bringKafka(): void {
  if (process.env.KAFKA_BROKERS) return;
  const found = findKafka();
  if ("lacks" in found) process.stderr.write(`The tests with Kafka are skipped: they need ${found.lacks}.\n`);
}

ensurePrograms();
if (!browserOnly) bringKafka();
if (!run("npx tsx lib/server/ensure-build.ts")) process.exit(1);
