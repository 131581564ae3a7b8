import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@/lib/cluster/free-port";
import { ROOT } from "@/lib/cluster/node";
import { findProgram } from "@/lib/cluster/program";
import { haproxyConfig } from "@/lib/cluster/proxy-config";
import { supervise } from "@/lib/cluster/supervised";
import type { ShippedProxy } from "./nginx";

/** HAProxy with `deploy/haproxy.cfg` in front of these ports. */
export async function startHaproxy(nodes: readonly number[]): Promise<ShippedProxy> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-haproxy-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const config = join(folder, "haproxy.cfg");
  writeFileSync(
    config,
    haproxyConfig(readFileSync(join(ROOT, "deploy/haproxy.cfg"), "utf8"), { port, nodes }),
  );
  const lines: string[] = [];
  const haproxy = supervise({
    name: "haproxy",
    file: findProgram("haproxy"),
    args: ["-db", "-f", config],
    stopSignal: "SIGTERM",
    stopMs: 10_000,
    isReady: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(2000) });
      return answer.status === 404;
    },
    startMs: 10_000,
    say: (line) => lines.push(line),
  });
  await haproxy.start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    folder,
    output: () => lines.join("\n"),
    async close() {
      await haproxy.stop();
      remove();
      process.off("exit", remove);
    },
  };
}
