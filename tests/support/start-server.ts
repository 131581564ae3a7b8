import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port";
import type { Target } from "./producer";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_MS = 60_000;
const STOP_MS = 15_000;
const OUTPUT_CHARS = 256 * 1024;

export interface ServerOptions {
  /** A free one by default. */
  port?: number;
  /** A folder that outlives the server; by default it gets one of its own, removed by `close`. */
  dataFolder?: string;
  /** The tree whose server and build are started; this one by default. */
  root?: string;
  /** Settings beside `PORT` and `NOWBOARD_DATA`. None of the caller's own `NOWBOARD_*` reach the server. */
  env?: Record<string, string>;
  /** Options of Node itself, like `--max-old-space-size=128`. */
  nodeOptions?: readonly string[];
}

export interface NowboardServer extends Target {
  readonly host: string;
  /** Whether the test started it and may do with it what it likes. */
  readonly isOwn: boolean;
  readonly port: number;
  readonly dataFolder: string;
  /** The id of the process that runs now. Throws while there is none. */
  readonly pid: number;
  /** How often it has been killed, stopped or stalled: whether a test disturbed its viewers. */
  readonly disturbances: number;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Asks it to end (`SIGTERM`); gives its exit code. Throws when it takes longer than 15 s. */
  stop(): Promise<number | null>;
  /** Starts it again on the same port and data, stopping it first if it still runs. */
  restart(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  stall(): void;
  resume(): void;
  /** The end of what it printed, from all its starts. */
  output(): string;
  /** Ends it and removes its own folder. */
  close(): Promise<void>;
}

/** What this process has started and must not leave behind, whatever way it ends. */
const running = new Map<ChildProcess, string | undefined>();
process.once("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
});

/**
 * Starts the real product, the production build included, as a process of its own, and resolves once
 * `/readyz` says 200. Throws with its output when it ends before or takes longer than a minute.
 */
export async function startServer(options: ServerOptions = {}): Promise<NowboardServer> {
  const port = options.port ?? (await freePort());
  const ownFolder = options.dataFolder ? undefined : mkdtempSync(join(tmpdir(), "nowboard-test-"));
  const dataFolder = options.dataFolder ?? ownFolder!;
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let printed = "";
  let disturbances = 0;

  function keep(chunk: Buffer) {
    printed = (printed + chunk.toString()).slice(-OUTPUT_CHARS);
  }

  async function start() {
    const env = { ...cleanEnvironment(), NODE_ENV: "production" as const, ...options.env };
    const started = spawn(
      process.execPath,
      [...(options.nodeOptions ?? []), "--import", "tsx", "server.ts"],
      {
        cwd: options.root ?? ROOT,
        env: { ...env, PORT: String(port), NOWBOARD_DATA: dataFolder },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    child = started;
    running.set(started, ownFolder);
    started.stdout!.on("data", keep);
    started.stderr!.on("data", keep);
    started.once("exit", () => running.delete(started));
    try {
      await untilReady(url, started);
    } catch (error) {
      await end("SIGKILL");
      throw new Error(`${(error as Error).message}\n${printed}`);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    if (!ending || hasEnded(ending)) return ending?.exitCode ?? null;
    const ended = once(ending, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    // A stopped process does not see SIGTERM before it goes on.
    ending.kill("SIGCONT");
    ending.kill(signal);
    await ended.catch(() => {
      throw new Error(`the server still runs ${STOP_MS} ms after ${signal}\n${printed}`);
    });
    return ending.exitCode;
  }

  function signal(name: NodeJS.Signals) {
    if (!child?.kill(name)) throw new Error(`there is no server process to send ${name} to`);
  }

  try {
    await start();
  } catch (error) {
    if (ownFolder) rmSync(ownFolder, { recursive: true, force: true });
    throw error;
  }

  return {
    url,
    host: "127.0.0.1",
    isOwn: true,
    ingestKey: options.env?.NOWBOARD_INGEST_KEY,
    port,
    dataFolder,
    get pid() {
      if (!child?.pid || hasEnded(child)) throw new Error("the server does not run");
      return child.pid;
    },
    get disturbances() {
      return disturbances;
    },
    async kill9() {
      disturbances++;
      await end("SIGKILL");
    },
    stop() {
      disturbances++;
      return end("SIGTERM");
    },
    async restart() {
      disturbances++;
      await end("SIGTERM");
      await start();
    },
    stall() {
      disturbances++;
      signal("SIGSTOP");
    },
    resume: () => signal("SIGCONT"),
    output: () => printed,
    async close() {
      await end("SIGKILL");
      if (ownFolder) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The caller's environment without what would change the product's settings or how Node runs it. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(NOWBOARD_|VITEST|PW_|PLAYWRIGHT_|NODE_OPTIONS$|REDIS_URL$|DATABASE_URL$|HOST$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))) as never;
}

async function untilReady(url: string, child: ChildProcess) {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (hasEnded(child)) throw new Error(`the server ended (${child.signalCode ?? child.exitCode})`);
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`the server was not ready after ${START_MS} ms`);
}
