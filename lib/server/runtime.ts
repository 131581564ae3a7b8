import type { Server } from "socket.io";
import { channels as allChannels } from "@/lib/channels/registry";
import type { Channel } from "@/lib/shared/define-channel";
import type { PageSnapshot } from "@/lib/shared/protocol";
import { createEndpoints, type Endpoints } from "./http/endpoints";
import { createRequestStats } from "./http/request-stats";
import { Hub } from "./hub/hub";
import type { AppendRequest, Log } from "./log/log";
import { createRedisLog } from "./log/redis-log";
import { createSqliteLog } from "./log/sqlite-log";
import type { Logger } from "./logger";
import { type Operations, startOperations } from "./operations";
import type { Settings } from "./settings";
import { createAggregator } from "./sources/aggregator";
import { apiSource } from "./sources/api";
import { databaseSource } from "./sources/database";
import type { Source } from "./sources/define-source";
import { infrastructureSource } from "./sources/infrastructure";
import { createDeliveries } from "./transports/delivered";
import { Ingest } from "./transports/ingest";
import { serveSocket } from "./transports/socket";

/** Who reads, until there are accounts. */
const ANONYMOUS = "anonymous";

export interface Runtime {
  hub: Hub;
  log: Log;
  /** What the HTTP server asks before, and tells after, each request. */
  door: Operations["door"];
  metrics: Operations["metrics"];
  /** Request in, response out, for the route handlers. */
  endpoints: Endpoints;
  /** What a page starts from, for the viewer who asks. */
  page(channels: readonly string[]): PageSnapshot;
  serveSocket(io: Server): void;
  /** From now on `/readyz` says that this process ends soon, so that load balancers look elsewhere. */
  beginStop(): void;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  settings: Settings;
  logger: Logger;
  channels?: readonly Channel[];
  /** Replaces the built-in sources; for tests and benchmarks. */
  sources?: readonly Source[];
  /** Replaces the embedded engine; for tests. */
  log?: Log;
  now?: () => number;
}

/** Embedded, or with `REDIS_URL` the one that any number of nodes share. */
function createLog({ settings, logger, now }: RuntimeOptions): Log {
  const retentionMs = settings.logMinutes * 60_000;
  const warn = (message: string, err: unknown) => logger.warn({ err }, message);
  if (settings.redisUrl !== undefined) return createRedisLog({ url: settings.redisUrl, retentionMs, warn });
  return createSqliteLog({ folder: settings.dataFolder, retentionMs, now, warn });
}

/** The composition root: the only place that knows the concrete engine, sources and transports. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { settings, logger, channels = allChannels, now = Date.now } = options;
  const log = options.log ?? createLog(options);
  const hub = new Hub({
    log,
    channels,
    now,
    report: (error, what) => logger.error({ err: error }, `failed: ${what}`),
    onReplaced: () => {
      logger.warn("the log was replaced by another one");
      aggregator.startOver();
    },
  });
  await hub.open();
  let stopping = false;
  const names = new Set(channels.map((channel) => channel.name));
  const requests = createRequestStats();
  const deliveries = createDeliveries();
  const viewers = () => {
    const { socket, sse, waiting } = hub.viewers();
    return { socket, sse, longPoll: waiting, poll: endpoints.pollers() };
  };
  const { limits } = settings;
  const { door, metrics, stop } = startOperations({
    limits,
    logger,
    hub,
    requests,
    deliveries,
    viewers,
    now,
  });
  const append = (request: AppendRequest) => metrics.timed(() => log.append(request));
  const ingest = new Ingest({
    log: { append },
    hub,
    channels,
    key: settings.ingestKey,
    perSecond: limits.ingestPerSecond,
    now,
    stored: metrics.ingested,
  });
  const viewer = ANONYMOUS;
  const endpoints = createEndpoints({
    hub,
    names,
    channels,
    ingest,
    logger,
    now,
    viewer,
    deliveries,
    metrics,
    advice: () => log.advice(),
    isStopping: () => stopping,
  });
  const sources = options.sources ?? [
    infrastructureSource({ folder: settings.redisUrl === undefined ? settings.dataFolder : "." }),
    apiSource({ requests, viewers }),
    databaseSource({ stats: () => log.stats(), reads: () => hub.reads }),
  ];
  metrics.sources(sources.map(({ channel }) => channel.name));
  const aggregator = createAggregator({
    sources,
    publish: (updates) => append({ updates }),
    stateOf: (channel) => hub.state(channel),
    log: logger,
    failed: metrics.sourceFailed,
  });
  aggregator.start();
  return {
    hub,
    log,
    door,
    metrics,
    endpoints,
    page: (names) => hub.page(ANONYMOUS, names),
    serveSocket: (io) =>
      serveSocket(io, {
        hub,
        known: names,
        viewerOf: () => viewer,
        delivered: deliveries.socket,
        refused: metrics.refused,
      }),
    beginStop() {
      stopping = true;
    },
    async close() {
      stop();
      await aggregator.stop();
      await hub.close();
      await log.close();
    },
  };
}
