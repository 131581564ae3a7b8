import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a child process offers: functions of one argument. Both cross the process boundary as JSON. */
type Calls<C> = { [K in keyof C]: (arg: never) => unknown };
type Arg<C, K extends keyof C> = C[K] extends (arg: infer A) => unknown ? A : never;
type Answer<C, K extends keyof C> = C[K] extends (arg: never) => infer R ? Awaited<R> : never;
type Reply = { n: number; value?: unknown; error?: string };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STOP_MS = 10_000;

/** The child's side: answers the parent's calls, and ends when the parent is gone. */
export function answerCalls<C extends Calls<C>>(calls: C): void {
  process.on("message", async ({ n, op, arg }: { n: number; op: keyof C; arg: never }) => {
    const reply: Reply = { n };
    try {
      reply.value = await calls[op](arg);
    } catch (error) {
      reply.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    process.send?.(reply);
  });
  process.once("disconnect", () => process.exit());
}

export interface Child<C> {
  /** Calls a function of the child. Throws its error, and when it ends or does not answer in time. */
  ask<K extends keyof C>(op: K, arg: Arg<C, K>, limitMs?: number): Promise<Answer<C, K>>;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** Ends it; with `kill -9` when it takes longer than ten seconds. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts `file` of this folder as a process of its own. */
export function startChild<C extends Calls<C>>(file: string, nodeOptions: string[] = []): Child<C> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    cwd: ROOT,
    execArgv: ["--import", "tsx", ...nodeOptions],
    env: { ...process.env, NODE_OPTIONS: "", NODE_ENV: "production" },
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let calls = 0;
  let ended = false;
  running.add(child);
  child.on("message", (reply: Reply) => waiting.get(reply.n)?.(reply));
  child.once("exit", (code, signal) => {
    ended = true;
    running.delete(child);
    for (const [n, settle] of waiting) settle({ n, error: `${file} ended (${signal ?? code})` });
  });

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (ended) return;
    const exit = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(late);
  }

  return {
    ask: (op, arg, limitMs = 30_000) =>
      new Promise((resolve, reject) => {
        const n = calls++;
        const settle = ({ value, error }: Reply) => {
          clearTimeout(timer);
          waiting.delete(n);
          if (error === undefined) resolve(value as never);
          else reject(new Error(`${file}, ${String(op)}: ${error}`));
        };
        const timer = setTimeout(() => settle({ n, error: `no answer within ${limitMs} ms` }), limitMs);
        waiting.set(n, settle);
        if (ended) settle({ n, error: "it has ended" });
        else child.send({ n, op, arg });
      }),
    kill9: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}
