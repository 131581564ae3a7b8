import { chmodSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./node";
import { findProgram } from "./program";
import { nginxConfig, type ProxyPlace } from "./proxy-config";
import { type Supervised, supervise } from "./supervised";

interface NginxPlace extends ProxyPlace {
  /** For its process id, its temporary files and the configuration that it runs with. */
  folder: string;
  say(line: string): void;
}

/** `nginx` with `deploy/nginx.conf`, in the foreground. */
export async function superviseNginx({ folder, say, ...place }: NginxPlace): Promise<Supervised> {
  const file = findProgram("nginx");
  const shipped = await readFile(join(ROOT, "deploy/nginx.conf"), "utf8");
  const path = join(folder, "nginx.conf");
  writeFileSync(path, nginxConfig(shipped, { ...place, folder }));
  // Started by root, its workers are somebody else, who has to get at the temporary files.
  chmodSync(folder, 0o711);
  return supervise({
    name: "nginx",
    file,
    args: ["-c", path, "-p", folder, "-g", "daemon off;"],
    stopSignal: "SIGTERM",
    stopMs: 10_000,
    isReady: async () => {
      const signal = AbortSignal.timeout(2000);
      const answer = await fetch(`http://127.0.0.1:${place.port}/healthz`, { signal });
      await answer.body?.cancel();
      return true;
    },
    startMs: 10_000,
    say,
  });
}
