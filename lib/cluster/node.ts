import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Supervised, supervise } from "./supervised";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ClusterNode extends Supervised {
  readonly port: number;
  readonly url: string;
}

interface NodePlace {
  name: string;
  port: number;
  dataFolder: string;
  redisUrl: string;
  /** More settings, over those of this process. */
  env?: Record<string, string>;
  say(line: string): void;
}

/** `server.ts` with the production build. */
export function superviseNode({ name, port, dataFolder, redisUrl, env, say }: NodePlace): ClusterNode {
  mkdirSync(dataFolder, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const node = supervise({
    name,
    file: process.execPath,
    args: ["--import", "tsx", "server.ts"],
    cwd: ROOT,
    env: {
      // nginx stands in front; without it all viewers would count as one.
      NOWBOARD_TRUSTED_PROXIES: "127.0.0.1",
      ...process.env,
      ...env,
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      NOWBOARD_DATA: dataFolder,
      REDIS_URL: redisUrl,
    },
    stopSignal: "SIGTERM",
    // Its own limit is 20 s.
    stopMs: 25_000,
    isReady: async () => {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
      await answer.body?.cancel();
      return answer.ok;
    },
    startMs: 60_000,
    say,
  });
  // Assigned, so that the process id stays one that is asked for when it is read.
  return Object.assign(node, { port, url });
}
