import { setTimeout as delay } from "node:timers/promises";
import { ANNOTATIONS } from "@/lib/shared/annotations";
import { CodedError } from "@/lib/shared/codes";
import type { UpdateId } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { Lease, LeaseEvents } from "../cluster/lease-keeper";
import type { Log } from "../log/log";
import type { Archive } from "./archive";
import { type ArchivistStats, createArchivist } from "./archivist";
import { type ArchivedAnnotations, archivedAnnotations } from "./history-annotations";
import { createHistoryReader, type ReadHistory } from "./history-reader";
import type { Retention } from "./tiers";

export interface HistoryOptions {
  archive: Archive;
  log: Pick<Log, "read" | "seek">;
  /** The newest update that this node knows of. */
  head: () => UpdateId;
  channels: readonly Channel[];
  retention: Retention;
  now: () => number;
  /** Where several nodes share the archive: the one that holds the lease fills it. */
  holdLease?: (events: LeaseEvents) => Lease;
  warn: (message: string, error: unknown) => void;
  /** Told how long a range took, ms. */
  measured?: (ms: number) => void;
}

export interface HistoryService {
  read: ReadHistory;
  annotations: ArchivedAnnotations;
  stats(): ArchivistStats;
  /** What an operator should know, in words. Never rejects. */
  advice(): Promise<string[]>;
  /** Ends it, and closes the archive. Never rejects. */
  close(): Promise<void>;
}

/** How long a batch that is under way may take when the process ends, ms. */
const CLOSE_LIMIT_MS = 2000;
/** How long `/readyz` waits for the archive, ms. */
const ADVICE_LIMIT_MS = 1000;

/** Fills the archive from the log, and answers from it. The archive out of reach disturbs nothing else. */
export function startHistory(options: HistoryOptions): HistoryService {
  const { archive, channels, holdLease } = options;
  const archived = new Set(channels.filter(({ kind }) => kind === "record").map(({ name }) => name));
  archived.add(ANNOTATIONS);
  const archivist = createArchivist({ ...options, isArchived: (name) => archived.has(name) });
  const lease = holdLease?.({ onGained: archivist.begin, onLost: archivist.end });
  if (!lease) archivist.begin();
  return {
    read: createHistoryReader({ ...options, archivist }),
    annotations: archivedAnnotations(archive, archivist),
    stats: archivist.stats,
    async advice() {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error("too slow")), ADVICE_LIMIT_MS).unref();
      });
      return Promise.race([archive.position(), late]).then(
        () => [],
        () => ["The archive is out of reach: there is no history, and what is not stored in time has a gap"],
      );
    },
    async close() {
      const ended = archivist.close();
      await Promise.race([ended, delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
      await lease?.close();
      // What is still under way fails with it.
      await archive.close();
      await ended;
    },
  };
}

async function noHistory(): Promise<never> {
  throw new CodedError("history_unavailable");
}

/** Where nothing is archived, as in tests of other parts. */
export const NO_HISTORY: HistoryService = {
  read: noHistory,
  annotations: { within: noHistory, one: noHistory, reach: noHistory },
  stats: () => ({ lagMs: 0, readings: 0, dropped: 0 }),
  advice: async () => [],
  close: async () => {},
};
