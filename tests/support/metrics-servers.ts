import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "@/lib/cluster/program";
import { freePort } from "./free-port";

const START_MS = 30_000;
const STOP_MS = 10_000;

export interface MetricsServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  stall(): void;
  resume(): void;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Debian's `prometheus-node-exporter` on loopback, with the figures of this machine under `/metrics`. */
export function startNodeExporter(): Promise<MetricsServer> {
  return startServer("prometheus-node-exporter", "/metrics", (_, port) => [
    ...[`--web.listen-address=127.0.0.1:${port}`, "--collector.disable-defaults"],
    ...["--collector.cpu", "--collector.meminfo", "--collector.loadavg", "--collector.netdev"],
  ]);
}

/** Debian's `prometheus` on loopback, which scrapes itself and the given pages each second. */
export function startPrometheus(pages: readonly string[]): Promise<MetricsServer> {
  return startServer("prometheus", "/-/ready", (folder, port) => {
    const targets = [`127.0.0.1:${port}`, ...pages.map((page) => new URL(page).host)];
    const file = join(folder, "prometheus.yml");
    writeFileSync(
      file,
      JSON.stringify({
        global: { scrape_interval: "1s" },
        scrape_configs: [{ job_name: "test", static_configs: [{ targets }] }],
      }),
    );
    return [
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ];
  });
}

async function startServer(
  program: string,
  readyPath: string,
  argsFor: (folder: string, port: number) => string[],
): Promise<MetricsServer> {
  const file = findProgram(program);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-metrics-"));
  const args = argsFor(folder, port);
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let printed = "";

  async function start(): Promise<void> {
    const started = spawn(file, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    running.add(started);
    started.stderr.on("data", (chunk) => {
      printed = (printed + chunk).slice(-16_384);
    });
    started.once("exit", () => running.delete(started));
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && started.exitCode === null) {
      const ready = await fetch(url + readyPath).then(
        (answer) => answer.body?.cancel().then(() => answer.ok),
        () => false,
      );
      if (ready) return;
      await sleep(50);
    }
    throw new Error(`${program} did not come up on port ${port}\n${printed}`);
  }

  async function kill9(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    child.kill("SIGKILL");
    await ended;
  }

  await start();
  return {
    ...{ url, start, kill9 },
    stall: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    async close() {
      await kill9();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
