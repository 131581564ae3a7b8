import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pino from "pino";
import type { AppendRequest, Log } from "@/lib/server/log/log";
import type { SourceHealth } from "@/lib/server/sources/health";
import { openSource } from "@/lib/server/sources/open-source";
import { type Running, runSources } from "@/lib/server/sources/run-sources";
import { ingestValidator } from "@/lib/server/transports/ingest-schema";
import { defineChannel } from "@/lib/shared/define-channel";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import type { Update } from "@/lib/shared/state";
import type { BrokerChild } from "./broker-child";
import { readAll } from "./log-harness";
import { createSqliteStorage } from "./log-sqlite";

const filled = { cadence: 1000, maxAge: 10_000, filledBy: "source" } as const;
const number = { title: "A number", type: "number" } as const;

/** What brokers bring: numbered events, one item each. */
export const events = defineChannel({
  ...filled,
  kind: "feed",
  name: "events",
  title: "Events",
  fields: { n: number, from: { title: "From", type: "text" } },
  keep: 10,
});

/** What brokers bring, by key. */
export const things = defineChannel({
  ...filled,
  kind: "table",
  name: "things",
  title: "Things",
  key: "id",
  columns: { id: { title: "Id", type: "text" }, n: number },
  maxRows: 2000,
});

export const meter = defineChannel({
  ...filled,
  kind: "record",
  name: "meter",
  title: "Meter",
  metrics: { n: { title: "N", unit: "count" } },
});

/** A source that runs in a lab. */
export interface LabSource {
  health(): SourceHealth;
  running: Running;
  stop(): Promise<void>;
}

export interface BrokerLab {
  log: Log;
  /** Closes the log, and lets processes of their own run a source with its folder, each until it kills itself. */
  runAndDie(children: readonly Omit<BrokerChild, "folder">[]): Promise<void>;
  /** Awaited before an append reaches the log; a test may hold it, or make it fail. */
  beforeAppend?: (request: AppendRequest) => Promise<unknown>;
  /** Awaited before an append's success is told. */
  afterAppend?: (request: AppendRequest) => Promise<unknown>;
  /** Opens and starts a source. */
  run(declared: DeclaredSource, env: Record<string, string>): Promise<LabSource>;
  /** What is stored of a channel, but for reasons of missing data. */
  stored(channel: string): Promise<Update[]>;
  /** The numbers of the stored events, in the order in which they are stored. */
  numbers(): Promise<number[]>;
  /** Why there is no data, as it was told, one after the other. */
  reasons(channel: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Sources as a node runs them, into a real log in a folder of its own. */
export async function startBrokerLab(): Promise<BrokerLab> {
  const storage = createSqliteStorage();
  let log = storage.create();
  await log.open();
  const started: LabSource[] = [];

  async function all(channel: string): Promise<Update[]> {
    const updates = await readAll(log, undefined, 4_000_000);
    if (updates === "gone") throw new Error("the log was trimmed");
    return updates.filter(({ ch }) => ch === channel);
  }

  const lab: BrokerLab = {
    log,
    async runAndDie(children) {
      await log.close();
      for (const child of children) await untilDead({ ...child, folder: storage.folder });
      lab.log = log = storage.create();
      await log.open();
    },
    async run(declared, env) {
      const source = await runBrokerSource(declared, env, {
        places: (of) => log.places(of),
        append: async (request) => {
          await lab.beforeAppend?.(request);
          const appended = await log.append(request);
          await lab.afterAppend?.(request);
          return appended;
        },
      });
      started.push(source);
      return source;
    },
    stored: async (channel) => (await all(channel)).filter(({ down }) => down === undefined),
    numbers: async () =>
      (await lab.stored("events")).flatMap(({ items = [] }) => items.map(({ n }) => Number(n))),
    reasons: async (channel) =>
      (await all(channel)).flatMap(({ down }) => (down === undefined ? [] : [down])),
    async close() {
      await Promise.all(started.map((source) => source.stop()));
      await storage.destroy();
    },
  };
  return lab;
}

/** Opens a declared source and runs it as a node does. */
export async function runBrokerSource(
  declared: DeclaredSource,
  env: Record<string, string>,
  { append, places }: Pick<Log, "places"> & { append(request: AppendRequest): Promise<unknown> },
): Promise<LabSource> {
  const source = await openSource(declared, { env, allowed: [] });
  const running = runSources({
    sources: [source],
    append,
    places,
    validator: ingestValidator,
    stateOf: () => undefined,
    log: pino({ level: "silent" }),
  });
  running.start();
  return { running, health: () => running.health()[0]!, stop: () => running.stop() };
}

/** Numbers as events, from one to before the other. */
export function numbered(from: number, to: number): { n: number }[] {
  return Array.from({ length: to - from }, (_, i) => ({ n: from + i }));
}

async function untilDead(child: BrokerChild): Promise<void> {
  const file = fileURLToPath(new URL("broker-child.ts", import.meta.url));
  const args = ["--import", "tsx", file, JSON.stringify(child)];
  const started = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"] });
  const [, signal] = await once(started, "exit");
  if (signal !== "SIGKILL") throw new Error("the process was to kill itself");
}
