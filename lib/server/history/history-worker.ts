import { parentPort, workerData } from "node:worker_threads";
import { concealer } from "../database/conceal";
import type { ArchivedMetrics } from "./archive";
import { serveArchive } from "./archive-calls";
import { createArchiveStore } from "./archive-store";
import { openPostgres, POSTGRES } from "./postgres-archive";
import { openSqlite, SQLITE } from "./sqlite-archive";
import type { Retention } from "./tiers";

export interface WorkerData {
  /** Where `history.db` lies, when there is no `url`. */
  folder: string;
  /** Of a Postgres database. */
  url?: string;
  metrics: ArchivedMetrics;
  retention: Retention;
}

const { folder, url, metrics, retention } = workerData as WorkerData;
const db = url === undefined ? openSqlite(folder) : openPostgres(url);
const dialect = url === undefined ? SQLITE : POSTGRES;
if (parentPort)
  serveArchive(parentPort, createArchiveStore({ db, dialect, metrics, retention }), concealer(url));
