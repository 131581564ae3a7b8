import { Worker } from "node:worker_threads";
import type { Channel } from "@/lib/shared/define-channel";
import type { Archive, ArchivedMetrics } from "./archive";
import { archiveInWorker } from "./archive-calls";
import type { WorkerData } from "./history-worker";
import type { Retention } from "./tiers";

export interface StartArchiveOptions {
  /** Where `history.db` lies when there is no `databaseUrl`. */
  folder: string;
  databaseUrl?: string;
  channels: readonly Channel[];
  retention: Retention;
  /** Told of what the archive survives. */
  warn: (message: string, error: unknown) => void;
}

/** The archive of these channels: in SQLite, or in Postgres where there is a `databaseUrl`. */
export function startArchive({
  folder,
  databaseUrl,
  channels,
  retention,
  warn,
}: StartArchiveOptions): Archive {
  const metrics = archivedMetrics(channels);
  const data: WorkerData = { folder, url: databaseUrl, metrics, retention };
  const entry = new URL("./history-worker-entry.mjs", import.meta.url);
  return archiveInWorker(() => new Worker(entry, { workerData: data, execArgv: [] }), warn);
}

function archivedMetrics(channels: readonly Channel[]): ArchivedMetrics {
  return Object.fromEntries(
    channels.flatMap((channel) =>
      channel.kind === "record"
        ? [
            [
              channel.name,
              Object.fromEntries(
                Object.entries(channel.metrics).map(([name, { type }]) => [name, type === "counter"]),
              ),
            ],
          ]
        : [],
    ),
  );
}
