/** A node with one source from a broker, its own CPU time and memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@/lib/server/logger";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { defineChannel } from "@/lib/shared/define-channel";
import { declareSource, type SourceOptions } from "@/lib/shared/sources/declare-source";
import type { TableState } from "@/lib/shared/state";
import { answerCalls } from "./calls";

/** How often memory is looked at, ms. */
const LOOK_MS = 100;

/** A thousand machines that send often. */
const machines = defineChannel({
  kind: "table",
  name: "machines",
  title: "Machines",
  cadence: 1000,
  maxAge: 10_000,
  filledBy: "source",
  key: "id",
  columns: {
    id: { title: "Id", type: "text" },
    n: { title: "N", type: "number" },
    sent: { title: "Sent", type: "number" },
  },
  maxRows: 1000,
});

export interface SourceServerCalls {
  start(arg: { folder: string; options: SourceOptions; env: Record<string, string> }): Promise<void>;
  /** Begins to measure. */
  measure(arg: Record<string, never>): void;
  /** Waits until each of the rows says what was sent last, and ends the measurement. */
  finish(arg: { rows: Record<string, number> }): Promise<SourceFigures>;
}

export interface SourceFigures {
  /** Of this process with all its threads, of one core. */
  cpuPercent: number;
  /** The most memory, beyond what it had when the measurement began, MB. */
  grownMb: number;
  /** From the last message's sending until viewers could have it, ms. */
  lagMs: number;
  /** Updates that the log has. */
  stored: number;
  /** Rows that never said what was sent last. */
  missing: number;
}

const WAIT_MS = 30_000;
let runtime: Runtime;
let begun: { at: number; cpu: NodeJS.CpuUsage; rss: number; stored: number };
let highest = 0;

async function stored(): Promise<number> {
  const text = await (await runtime.endpoints.metrics(new Request("http://localhost/metrics"))).text();
  return Number(/^nowboard_updates_published_total (\S+)/m.exec(text)?.[1] ?? 0);
}

const rows = () => (runtime.hub.state("machines") as TableState | undefined)?.rows ?? {};

answerCalls<SourceServerCalls>({
  start: async ({ folder, options, env }) => {
    runtime = await startRuntime({
      settings: readSettings({ NOWBOARD_DATA: folder }),
      logger: createLogger("warn"),
      channels: [machines],
      sources: [],
      declared: [declareSource(machines, options)],
      env,
      archives: false,
    });
  },

  measure: async () => {
    begun = {
      at: performance.now(),
      cpu: process.cpuUsage(),
      rss: process.memoryUsage.rss(),
      stored: await stored(),
    };
    setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss());
    }, LOOK_MS).unref();
  },

  finish: async ({ rows: last }) => {
    const missing = () => Object.entries(last).filter(([id, n]) => rows()[id]?.n !== n).length;
    const deadline = performance.now() + WAIT_MS;
    while (missing() > 0 && performance.now() < deadline) await sleep(5);
    const sent = Math.max(...Object.values(rows()).map((row) => Number(row.sent)));
    const lagMs = Date.now() - sent;
    const { user, system } = process.cpuUsage(begun.cpu);
    return {
      cpuPercent: (user + system) / 10 / (performance.now() - begun.at),
      grownMb: Math.max(0, highest - begun.rss) / 1e6,
      lagMs,
      stored: (await stored()) - begun.stored,
      missing: missing(),
    };
  },
});
