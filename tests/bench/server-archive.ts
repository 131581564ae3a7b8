/** A server with a history: its own load of readings, its own CPU time and event-loop delay. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpServer } from "@/lib/server/http/server";
import { createLogger } from "@/lib/server/logger";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { createSocketServer } from "@/lib/server/transports/socket";
import { archiveChannels, CHANNELS, METRICS } from "./archive-data";
import { answerCalls } from "./calls";

/** How often the delay of the event loop is looked at, ms. */
const RESOLUTION_MS = 5;

export interface ArchiveServerCalls {
  /** Resolves with the port once it listens. */
  start(arg: { folder: string; archives: boolean; env: Record<string, string> }): Promise<number>;
  /** Appends a reading of each metric each second, for so long; what that cost. */
  load(arg: { seconds: number }): Promise<LoadFigures>;
}

export interface LoadFigures {
  /** Of this process with all its threads. */
  cpuPercent: number;
  /** How late the main thread was, ms. */
  delayP50Ms: number;
  delayP99Ms: number;
  delayMaxMs: number;
  /** Readings that were archived, and rows that retention dropped, meanwhile. */
  readings: number;
  dropped: number;
}

let runtime: Runtime;

async function counted(name: string): Promise<number> {
  const text = await (await runtime.endpoints.metrics(new Request("http://localhost/metrics"))).text();
  return Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1] ?? 0);
}

/** One channel's update each 50 ms, so that each has one a second. */
async function append(seconds: number): Promise<void> {
  const begun = performance.now();
  for (let n = 0; n < seconds * CHANNELS; n++) {
    const set = Object.fromEntries(
      Array.from({ length: METRICS }, (_, m) => [`m${m}`, (n * 31 + m * 7) % 1000]),
    );
    await runtime.log.append({ updates: [{ ch: `c${n % CHANNELS}`, set }] });
    await sleep(Math.max(0, begun + (n + 1) * (1000 / CHANNELS) - performance.now()));
  }
}

answerCalls<ArchiveServerCalls>({
  start: async ({ folder, archives, env }) => {
    runtime = await startRuntime({
      settings: readSettings({ ...env, NOWBOARD_DATA: folder }),
      logger: createLogger("warn"),
      channels: archiveChannels,
      sources: [],
      archives,
    });
    const io = createSocketServer();
    runtime.serveSocket(io);
    const server = createHttpServer({
      handle: async (req, res) => {
        const answer = await runtime.endpoints.history(new Request(`http://127.0.0.1${req.url}`));
        res.writeHead(answer.status, Object.fromEntries(answer.headers));
        res.end(Buffer.from(await answer.arrayBuffer()));
      },
      ...runtime.door,
      engine: io.engine,
      dev: false,
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
  load: async ({ seconds }) => {
    const names = ["nowboard_archive_readings_total", "nowboard_archive_dropped_rows_total"];
    const before = await Promise.all(names.map(counted));
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    const cpu = process.cpuUsage();
    const begun = performance.now();
    delay.enable();
    await append(seconds);
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    const elapsedUs = (performance.now() - begun) * 1000;
    const [readings, dropped] = (await Promise.all(names.map(counted))).map((n, i) => n - before[i]!);
    const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return {
      cpuPercent: (100 * (user + system)) / elapsedUs,
      delayP50Ms: late(delay.percentile(50)),
      delayP99Ms: late(delay.percentile(99)),
      delayMaxMs: late(delay.max),
      readings: readings!,
      dropped: dropped!,
    };
  },
});
process.once("SIGTERM", () => process.exit(0));
