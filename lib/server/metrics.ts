import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Code } from "@/lib/shared/codes";
import { codeOf } from "@/lib/shared/codes";
import type { HistoryService } from "./history/start-history";
import type { Answered } from "./http/request-log";
import type { Load, Shedding } from "./http/shedding";
import type { Visit } from "./http/visit";
import type { Hub } from "./hub/hub";
import type { Delivered, Deliveries } from "./transports/delivered";

/** What is read when somebody asks: it costs nothing before. */
export interface MetricSources {
  hub: Pick<Hub, "stats">;
  viewers(): Record<keyof Deliveries, number>;
  deliveries: Deliveries;
  held(): { connections: number; addresses: number };
  maxConnections: number;
  meter: { readonly load: Load; readonly shedding: Shedding };
  archive: Pick<HistoryService, "stats">;
  now: () => number;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Label values of the transports, as the client's ladder names them. */
const TRANSPORTS = { socket: "socket", sse: "sse", longPoll: "long_poll", poll: "poll" } as const;
const names = Object.keys(TRANSPORTS) as (keyof Deliveries)[];

/**
 * Everything that `/metrics` tells, in a registry of its own. Gauges, and counters that are kept elsewhere, are
 * read at the scrape; only what happens per request, append or failed read is counted as it happens.
 */
export function createMetrics(sources: MetricSources) {
  const { hub, viewers, deliveries, held, maxConnections, meter, archive, now } = sources;
  const registers = [new Registry()] as [Registry];
  const [registry] = registers;
  collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  /** A counter that is kept elsewhere: it is set to what that says. */
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const sent = (name: string, help: string, figure: keyof Pick<Delivered, "frames" | "bytes">) =>
    new Counter({
      name,
      help,
      registers,
      labelNames: ["transport"],
      collect() {
        this.reset();
        for (const kind of names) this.inc({ transport: TRANSPORTS[kind] }, deliveries[kind][figure]);
      },
    });

  new Gauge({
    name: "nowboard_connections",
    help: "Viewers now, by transport; those who poll are estimated.",
    registers,
    labelNames: ["transport"],
    collect() {
      const counted = viewers();
      for (const kind of names) this.set({ transport: TRANSPORTS[kind] }, counted[kind]);
    },
  });
  gauge("nowboard_held_connections", "Connections that count towards the limit.", () => held().connections);
  gauge("nowboard_held_addresses", "Addresses that hold a connection.", () => held().addresses);
  gauge("nowboard_connections_limit", "Connections that this process takes.", () => maxConnections);
  total(
    "nowboard_updates_published_total",
    "Updates of the log that this node has taken in.",
    () => hub.stats.updates,
  );
  sent("nowboard_frames_sent_total", "Frames written to viewers, beats included.", "frames");
  sent("nowboard_bytes_sent_total", "Bytes of these frames, before TLS and compression.", "bytes");
  gauge("nowboard_flush_window_seconds", "How long updates are gathered before they are sent.", () =>
    seconds(hub.stats.flushWindowMs),
  );
  gauge("nowboard_log_confirmed_age_seconds", "Since when the log's head was last confirmed.", () =>
    Math.max(0, seconds(now() - hub.stats.confirmedAt)),
  );
  gauge("nowboard_log_head_lag_seconds", "For how long this node has been behind the log's head.", () => {
    const { behindSince } = hub.stats;
    return behindSince === undefined ? 0 : Math.max(0, seconds(now() - behindSince));
  });
  gauge("nowboard_archive_lag_seconds", "For how long the archive has lacked updates; 0 elsewhere.", () =>
    seconds(archive.stats().lagMs),
  );
  total(
    "nowboard_archive_readings_total",
    "Readings that this node has archived.",
    () => archive.stats().readings,
  );
  total(
    "nowboard_archive_dropped_rows_total",
    "Rows of the archive that were older than is kept.",
    () => archive.stats().dropped,
  );
  gauge("nowboard_event_loop_delay_seconds", "How late the event loop is while busy, smoothed.", () =>
    seconds(meter.load.delayMs),
  );
  gauge("nowboard_heap_used_ratio", "The share of the heap's limit in use.", () => meter.load.memory);
  gauge("nowboard_shedding", "1 while new work is refused.", () => (meter.shedding.on ? 1 : 0));

  const refused = new Counter({
    name: "nowboard_refused_total",
    help: "Requests and subscriptions that were refused, by code.",
    labelNames: ["code"],
    registers,
  });
  const requests = new Histogram({
    name: "nowboard_http_request_duration_seconds",
    help: "Time to answer a request; those that are held are not among them.",
    labelNames: ["route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const appends = new Histogram({
    name: "nowboard_log_append_duration_seconds",
    help: "Time from an append to its commit, or to its failure.",
    labelNames: ["outcome"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10],
    registers,
  });
  const ranges = new Histogram({
    name: "nowboard_archive_query_duration_seconds",
    help: "Time from asking the archive for a range to its answer.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const ingested = new Counter({
    name: "nowboard_ingest_updates_total",
    help: "Updates that producers have had stored.",
    labelNames: ["channel"],
    registers,
  });
  const sourceFailures = new Counter({
    name: "nowboard_source_failures_total",
    help: "Reads of a source that failed.",
    labelNames: ["channel"],
    registers,
  });

  return {
    refused: (code: Code) => refused.inc({ code }),
    /** `channels`: those whose sources run here, so that they begin at 0. */
    sources(channels: readonly string[]) {
      for (const channel of channels) sourceFailures.inc({ channel }, 0);
    },
    sourceFailed: (channel: string) => sourceFailures.inc({ channel }),
    ingested: (channel: string, updates: number) => ingested.inc({ channel }, updates),
    /** The archive has answered a range after so long. */
    rangeRead: (ms: number) => ranges.observe(seconds(ms)),
    answered({ kind, code }: Visit, { status, durationMs }: Answered) {
      if (code) refused.inc({ code });
      if (kind.held) return;
      requests.observe({ route: kind.route, status: `${Math.floor(status / 100)}xx` }, seconds(durationMs));
    },
    /** Measures an append. */
    async timed<T>(append: () => Promise<T>): Promise<T> {
      const started = performance.now();
      const observe = (outcome: string) => appends.observe({ outcome }, seconds(performance.now() - started));
      try {
        const result = await append();
        observe("stored");
        return result;
      } catch (error) {
        observe(codeOf(error) === "idempotency_conflict" ? "refused" : "failed");
        throw error;
      }
    },
    contentType: registry.contentType,
    /** All of it in Prometheus' text format. */
    text: () => registry.metrics(),
    /** Names of all metrics, for checking what alerts refer to. */
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
  };
}

function seconds(ms: number): number {
  return ms / 1000;
}
