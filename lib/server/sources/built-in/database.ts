import { database } from "@/lib/channels/database";
import type { LogStats } from "@/lib/server/log/log";
import { defineSource } from "../define-source";

const MINUTE_MS = 60_000;

export interface DatabaseSourceDeps {
  stats(): Promise<LogStats>;
  /** Catch-up reads since start, by what answered them. */
  reads(): { fromMemory: number; fromEngine: number };
}

/** The counters at one time, all of them since start. */
interface Sample {
  at: number;
  queries: number;
  slowQueries: number;
  fromMemory: number;
  fromEngine: number;
}

/** The log's engine. Its counters only grow, so rates come from the difference to an earlier sample. */
export function databaseSource({ stats, reads }: DatabaseSourceDeps) {
  let samples: Sample[] = [];
  return defineSource({
    channel: database,
    read: async ({ now }) => {
      const { connections, queries, slowQueries, size, entries } = await stats();
      const { fromMemory, fromEngine } = reads();
      const sample: Sample = { at: now, queries, slowQueries, fromMemory, fromEngine };
      let last = samples.at(-1);
      // An engine that was opened again counts from zero, and a clock may step back.
      if (last && (queries < last.queries || now <= last.at)) last = undefined;
      samples = [...(last ? samples.filter(({ at }) => at >= now - MINUTE_MS) : []), sample];
      const oldest = samples[0]!;
      const hits = fromMemory - oldest.fromMemory;
      const all = hits + fromEngine - oldest.fromEngine;
      return {
        connections,
        queries: last ? (1000 * (queries - last.queries)) / (now - last.at) : null,
        slowQueries: slowQueries - oldest.slowQueries,
        cacheHits: all > 0 ? (100 * hits) / all : null,
        size,
        entries,
      };
    },
  });
}
