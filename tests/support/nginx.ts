import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@/lib/cluster/free-port";
import { superviseNginx } from "@/lib/cluster/nginx";

/** A proxy with the configuration that is shipped. */
export interface ShippedProxy {
  readonly url: string;
  readonly port: number;
  /** Its temporary files. */
  readonly folder: string;
  /** What it printed so far. */
  output(): string;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** `nginx` with `deploy/nginx.conf` in front of these ports. */
export async function startNginx(nodes: readonly number[]): Promise<ShippedProxy> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-nginx-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const lines: string[] = [];
  const nginx = await superviseNginx({ port, nodes, folder, say: (line) => lines.push(line) });
  await nginx.start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    folder,
    output: () => lines.join("\n"),
    async close() {
      await nginx.stop();
      remove();
      process.off("exit", remove);
    },
  };
}
