import { createClient } from "redis";
import { findProgram } from "./program";
import { type Supervised, supervise } from "./supervised";

export interface RedisProcess extends Supervised {
  readonly url: string;
  readonly port: number;
}

interface RedisPlace {
  port: number;
  folder: string;
  say(line: string): void;
}

/** A `redis-server` on loopback that writes each append to disk within a second and drops nothing. */
export function superviseRedis({ port, folder, say }: RedisPlace): RedisProcess {
  const url = `redis://127.0.0.1:${port}`;
  const settings = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    appendonly: "yes",
    appendfsync: "everysec",
    save: "",
    "maxmemory-policy": "noeviction",
    loglevel: "warning",
  };
  const redis = supervise({
    name: "redis",
    file: findProgram("redis-server"),
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    stopSignal: "SIGTERM",
    stopMs: 10_000,
    isReady: () => answers(url),
    startMs: 30_000,
    say,
  });
  return Object.assign(redis, { url, port });
}

/** While it loads its files it answers with an error. */
async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 } });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } finally {
    client.destroy();
  }
}
