import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { freePort } from "./free-port";

const START_MS = 10_000;
const STOP_MS = 10_000;

export interface RedisOptions {
  port?: number;
  /** More of redis-server's arguments, such as `--appendonly yes`. By default it keeps nothing on disk. */
  args?: readonly string[];
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Throws while it does not run. */
  readonly pid: number;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Asks it to end, as an operator would. */
  stop(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  stall(): void;
  resume(): void;
  /** Sends one command over a connection of the test's own. */
  command(...args: string[]): Promise<unknown>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

const running = new Map<ChildProcess, string>();
process.once("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Starts a real `redis-server` on loopback, with a folder of its own; resolves once it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "nowboard-redis-"));
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let printed = "";

  async function start(): Promise<void> {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    const started = spawn("redis-server", [...args, ...(options.args ?? [])], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    running.set(started, folder);
    const keep = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-16_384);
    };
    started.stdout.on("data", keep);
    started.stderr.on("data", keep);
    started.once("error", (error) => keep(Buffer.from(String(error))));
    started.once("exit", () => running.delete(started));
    await untilReady(started);
  }

  async function untilReady(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && !hasEnded(started) && started.pid !== undefined) {
      // While it loads its files it answers with an error.
      if ((await command("PING").catch(() => undefined)) === "PONG") return;
      await sleep(20);
    }
    throw new Error(`redis-server did not come up on port ${port}\n${printed}`);
  }

  async function command(...args: string[]): Promise<unknown> {
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 } });
    client.on("error", () => {});
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (!ending || hasEnded(ending)) return;
    const ended = once(ending, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    ending.kill("SIGCONT");
    ending.kill(signal);
    await ended.catch(() => {
      throw new Error(`redis-server still runs ${STOP_MS} ms after ${signal}\n${printed}`);
    });
  }

  function signal(name: NodeJS.Signals): void {
    if (!child?.kill(name)) throw new Error(`there is no redis-server to send ${name} to`);
  }

  await start();
  return {
    url,
    port,
    get pid() {
      if (!child?.pid || hasEnded(child)) throw new Error("redis-server does not run");
      return child.pid;
    },
    kill9: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
    stall: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    command,
    async close() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
