import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { findProgram } from "@/lib/cluster/program";
import { freePort } from "./free-port";

const START_MS = 10_000;
const STOP_MS = 10_000;
const USER = "nowboard";
const PASSWORD = "secret-of-the-test";

export interface MosquittoServer {
  /** With the password; the second has a wrong one. */
  readonly url: string;
  readonly wrongUrl: string;
  /** A client of the test's own that publishes. */
  publisher(): Promise<MqttClient>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Asks it to end: it keeps its sessions and what they wait for. */
  stop(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  stall(): void;
  resume(): void;
  close(): Promise<void>;
}

const running = new Map<ChildProcess, string>();
process.once("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Starts a real mosquitto on loopback, with a password and a folder of its own; resolves once it answers. */
export async function startMosquitto(): Promise<MosquittoServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-mosquitto-"));
  const config = join(folder, "mosquitto.conf");
  const passwords = join(folder, "passwords");
  const address = (password: string) => `mqtt://${USER}:${password}@127.0.0.1:${port}`;
  const url = address(PASSWORD);
  const clients: MqttClient[] = [];
  let child: ChildProcess | undefined;
  let printed = "";

  // As root it becomes another user, who must be able to read and write here.
  chmodSync(folder, 0o777);
  execFileSync(findProgram("mosquitto_passwd", "mosquitto"), ["-c", "-b", passwords, USER, PASSWORD]);
  chmodSync(passwords, 0o644);
  const settings = {
    listener: `${port} 127.0.0.1`,
    password_file: passwords,
    allow_anonymous: false,
    persistence: true,
    persistence_location: `${folder}/`,
    // What a session waits for is kept, however much it is.
    max_queued_messages: 0,
    // Its reader alone says how many it takes at a time.
    max_inflight_messages: 0,
    log_dest: "stderr",
    log_type: "error",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(config, lines.join(""), { mode: 0o644 });

  async function start(): Promise<void> {
    const started = spawn(findProgram("mosquitto"), ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    running.set(started, folder);
    started.stderr.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-16_384);
    });
    started.once("exit", () => running.delete(started));
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && !hasEnded(started)) {
      if (await answers()) return;
      await sleep(20);
    }
    throw new Error(`mosquitto did not come up on port ${port}\n${printed}`);
  }

  async function answers(): Promise<boolean> {
    const client = await mqtt
      .connectAsync(url, { reconnectPeriod: 0, connectTimeout: 1000 })
      .catch(() => undefined);
    await client?.endAsync();
    return client !== undefined;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (!ending || hasEnded(ending)) return;
    const ended = once(ending, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    ending.kill("SIGCONT");
    ending.kill(signal);
    await ended;
  }

  await start();
  return {
    url,
    wrongUrl: address("wrong-one"),
    async publisher() {
      const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 5 });
      client.on("error", () => {});
      clients.push(client);
      return client;
    },
    kill9: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
    stall: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    async close() {
      for (const client of clients) client.end(true);
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
