import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceNode {
  /** Whether its source works; it fails at first. */
  works(does: boolean): void;
  /** Ends it as an operator would. */
  close(): Promise<void>;
}

/** A node without pages, in a process of its own, that reads the sources for all: that of `infrastructure` fails. */
export async function startSourceNode(redisUrl: string): Promise<SourceNode> {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-node-"));
  const child = fork("tests/support/source-node-child.ts", {
    cwd: ROOT,
    execArgv: ["--import", "tsx"],
    env: { NODE_ENV: "production", PATH: process.env.PATH, NOWBOARD_DATA: folder, REDIS_URL: redisUrl },
  });
  const ended = once(child, "exit");
  await Promise.race([
    once(child, "message"),
    ended.then(() => {
      throw new Error("The node ended before it was ready");
    }),
  ]);
  return {
    works: (does) => void child.send(does),
    async close() {
      child.disconnect();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
