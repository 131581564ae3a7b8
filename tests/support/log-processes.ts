import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

const LOG = fileURLToPath(new URL("./log-child.ts", import.meta.url));
const ARCHIVE = fileURLToPath(new URL("./archive-child.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface LogProcess {
  process: ChildProcess;
  /** What it has said so far, as words. */
  said: string[][];
  /** Resolves with the first line that starts with `word`; fails when the process ends without it. */
  says(word: string): Promise<string[]>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when it has ended and everything it said has arrived. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts `log-child.ts`. `limits` are arguments of the shell's `ulimit` for that process. */
export function startLogProcess(mode: string, folder: string, limits?: string): LogProcess {
  return start([LOG, mode, folder], limits);
}

/** Starts `archive-child.ts` on an archive in a folder or, with `url`, in Postgres. */
export function startArchiveProcess(
  mode: string,
  { folder, url }: { folder: string; url?: string },
): LogProcess {
  return start([ARCHIVE, mode, folder, ...(url === undefined ? [] : [url])]);
}

function start(args: readonly string[], limits?: string): LogProcess {
  const node = [process.execPath, "--import", "tsx", ...args];
  const command = limits ? ["bash", "-c", `ulimit ${limits}; exec "$@"`, "bash", ...node] : node;
  const child = spawn(command[0]!, command.slice(1), { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
  const said: string[][] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) said.push(line.split(" "));
  });
  let over = false;
  const ended = once(child, "close").then(([code, signal]) => {
    over = true;
    return { code, signal };
  });
  return {
    process: child,
    said,
    says: (word) =>
      vi.waitUntil(
        () => {
          const line = said.find(([first]) => first === word);
          if (!line && over)
            throw new Error(`it ended without saying ${word}: ${JSON.stringify(said.slice(-3))}`);
          return line;
        },
        { timeout: 20_000, interval: 5 },
      ) as Promise<string[]>,
    kill: async (signal = "SIGKILL") => {
      child.kill(signal);
      await ended;
    },
    ended,
  };
}
