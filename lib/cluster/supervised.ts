import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterUnexpectedEnd, type Restarts } from "./restart-delay";

const OUTPUT_CHARS = 64 * 1024;
const POLL_MS = 50;

export interface Command {
  /** As it is called in messages: "node 1". */
  name: string;
  file: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** How it is asked to end. */
  stopSignal: NodeJS.Signals;
  /** It is killed when it has not ended so long after that, ms. */
  stopMs: number;
  /** Whether it answers by now. Asked again and again after a start. */
  isReady(): Promise<boolean>;
  /** How long a start may take, ms. */
  startMs: number;
  /** What it prints, line by line, and what happens to it. */
  say(line: string): void;
}

/** A process that is started again when it ends although nobody asked. */
export interface Supervised {
  readonly name: string;
  /** Throws while it does not run. */
  readonly pid: number;
  /** Starts it where it does not run; resolves once it is ready. Throws with its output when it is not in time. */
  start(): Promise<void>;
  /** Asks it to end and waits until it has: its exit code, `null` when it had to be killed. It stays down. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would and waits until it is gone. It stays down. */
  kill9(): Promise<void>;
}

/** What must not be left behind, whatever way this process ends. */
const running = new Map<ChildProcess, NodeJS.Signals>();
process.once("exit", () => {
  // nginx ends its workers only when it is asked to end; what does not listen is killed.
  for (const [child, signal] of running) child.kill(signal === "SIGQUIT" ? "SIGTERM" : "SIGKILL");
});

export function supervise(command: Command): Supervised {
  const { name, say } = command;
  let child: ChildProcess | undefined;
  let isWanted = false;
  let restarts: Restarts = { failures: 0 };
  let printed = "";
  let restart: NodeJS.Timeout | undefined;
  let readying: Promise<void> | undefined;
  let wasReady = false;

  function launch(): ChildProcess {
    const launched = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      // Ctrl-C reaches all of a terminal's processes; these end in their order instead.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const startedAt = performance.now();
    running.set(launched, command.stopSignal);
    for (const stream of [launched.stdout, launched.stderr]) byLine(stream, take);
    launched.once("error", (error) => take(error.message));
    launched.once("exit", (code, signal) => {
      running.delete(launched);
      if (child === launched && isWanted && wasReady) recover(code, signal, performance.now() - startedAt);
    });
    child = launched;
    return launched;
  }

  function take(line: string): void {
    printed = `${printed}${line}\n`.slice(-OUTPUT_CHARS);
    say(line);
  }

  function recover(code: number | null, signal: NodeJS.Signals | null, ranForMs: number): void {
    const { waitMs, ...known } = afterUnexpectedEnd(restarts, ranForMs, Math.random());
    restarts = known;
    say(
      `ended unexpectedly (${signal ?? `exit code ${code}`}); starting it again in ${(waitMs / 1000).toFixed(1)} s`,
    );
    restart = setTimeout(() => isWanted && launch(), waitMs);
  }

  /** A process that cannot even start is not tried again and again: whoever started it should know. */
  async function untilReady(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + command.startMs;
    let isReady = false;
    while (!isReady && isWanted && !hasEnded(started) && Date.now() < deadline) {
      isReady = await command.isReady().catch(() => false);
      if (!isReady) await sleep(POLL_MS);
    }
    if (isReady && !hasEnded(started)) return;
    if (!isWanted) throw new Error(`${name} was stopped while it started`);
    const why = hasEnded(started) ? "ended" : `was not ready after ${command.startMs} ms`;
    await end("SIGKILL");
    throw new Error(`${name} ${why}\n${printed}`);
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    isWanted = false;
    clearTimeout(restart);
    const ending = child;
    if (!ending || hasEnded(ending)) return ending?.exitCode ?? null;
    const ended = once(ending, "exit");
    // A process that was frozen sees no other signal before it goes on.
    ending.kill("SIGCONT");
    ending.kill(signal);
    const late = setTimeout(() => {
      say(`still runs ${command.stopMs} ms after ${signal}; killing it`);
      ending.kill("SIGKILL");
    }, command.stopMs);
    await ended;
    clearTimeout(late);
    return ending.exitCode;
  }

  return {
    name,
    get pid() {
      if (!child?.pid || hasEnded(child)) throw new Error(`${name} does not run`);
      return child.pid;
    },
    start() {
      if (!isWanted) {
        isWanted = true;
        restarts = { failures: 0 };
        wasReady = false;
        readying = untilReady(launch()).then(() => {
          wasReady = true;
        });
      }
      return readying!;
    },
    stop: () => end(command.stopSignal),
    async kill9() {
      await end("SIGKILL");
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function byLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
  stream.on("end", () => rest && take(rest));
}
