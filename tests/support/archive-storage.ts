import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { Archive, ArchivedMetrics } from "@/lib/server/history/archive";
import { createArchiveStore } from "@/lib/server/history/archive-store";
import { openPostgres, POSTGRES } from "@/lib/server/history/postgres-archive";
import type { Database, Tables } from "@/lib/server/history/schema";
import { openSqlite, SQLITE } from "@/lib/server/history/sqlite-archive";
import { startArchive } from "@/lib/server/history/start-archive";
import type { Retention } from "@/lib/server/history/tiers";
import { testChannels } from "./live-channels";
import type { PostgresServer } from "./postgres-server";

export interface ArchiveOptions {
  metrics?: ArchivedMetrics;
  retention?: Retention;
}

/** An empty database for archives of one kind. Every archive that it makes uses the same database. */
export interface ArchiveStorage {
  create(options?: ArchiveOptions): Archive;
  /** One in a thread of its own, as the server has it. */
  createApart(): Archive;
  /** All rows of a table, seen past the archive. */
  rows<Name extends keyof Tables>(table: Name): Promise<Tables[Name][]>;
  /** Runs SQL past the archive. */
  run(text: string): Promise<void>;
  /** Where a process of its own finds it: a folder, or the URL of a database. */
  place: { folder: string; url?: string };
  destroy(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const RETENTION: Retention = [2 * HOUR_MS, 48 * HOUR_MS, 30 * 24 * HOUR_MS, 730 * 24 * HOUR_MS];
/** `a` and `b` are gauges, `n` is a counter. */
export const METRICS: ArchivedMetrics = { gauges: { a: false, b: false, n: true }, meters: { x: false } };

function storageOf(
  open: () => Database,
  dialect: typeof SQLITE,
  place: ArchiveStorage["place"],
): ArchiveStorage {
  const archives: Archive[] = [];
  const raw = open();
  return {
    place,
    create({ metrics = METRICS, retention = RETENTION } = {}) {
      const archive = createArchiveStore({ db: open(), dialect, metrics, retention });
      archives.push(archive);
      return archive;
    },
    createApart() {
      const { folder, url } = place;
      const archive = startArchive({
        folder,
        databaseUrl: url,
        channels: testChannels,
        retention: RETENTION,
        warn: () => {},
      });
      archives.push(archive);
      return archive;
    },
    rows: async (table) => (await raw.selectFrom(table).selectAll().execute()) as never,
    run: async (text) => void (await sql.raw(text).execute(raw)),
    async destroy() {
      await Promise.all([...archives.map((archive) => archive.close().catch(() => {})), raw.destroy()]);
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "nowboard-archive-"));
}

export async function sqliteArchives(): Promise<ArchiveStorage> {
  const folder = newFolder();
  return storageOf(() => openSqlite(folder), SQLITE, { folder });
}

export async function postgresArchives(server: PostgresServer): Promise<ArchiveStorage> {
  const url = await server.createDatabase();
  return storageOf(() => openPostgres(url), POSTGRES, { folder: newFolder(), url });
}
