import { isDeepStrictEqual } from "node:util";
import type { Server } from "socket.io";
import { channels as allChannels } from "@/lib/channels/registry";
import { declaredSources } from "@/lib/channels/source-registry";
import { parseCursor } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { PageSnapshot } from "@/lib/shared/protocol";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import { type Cluster, createEmbeddedCluster } from "./cluster/cluster";
import { createConnections } from "./cluster/connections";
import { nodeDescriber } from "./cluster/describe-node";
import { watchProcess } from "./cluster/node-figures";
import { createRedisCluster } from "./cluster/redis-cluster";
import type { ReadHistory } from "./history/history-reader";
import { startArchive } from "./history/start-archive";
import { type HistoryService, NO_HISTORY, startHistory } from "./history/start-history";
import type { DirectRoute } from "./http/direct";
import { createEndpoints, type Endpoints } from "./http/endpoints";
import { createRequestStats } from "./http/request-stats";
import { Hub } from "./hub/hub";
import { startKeys } from "./keys/start-keys";
import type { AppendRequest, Log } from "./log/log";
import { createRedisLog } from "./log/redis-log";
import { createSqliteLog } from "./log/sqlite-log";
import type { Logger } from "./logger";
import { type Operations, startOperations } from "./operations";
import type { Settings } from "./settings";
import type { AnySource } from "./sources/run-sources";
import { prepareSources, type Sources, type SourcesOptions } from "./start-sources";
import { createAnnotations, type ReadAnnotations } from "./transports/annotations";
import { createDeliveries } from "./transports/delivered";
import { Ingest } from "./transports/ingest";
import { createIngestAccess } from "./transports/ingest-access";
import { createEventIngest } from "./transports/ingest-event";
import { Intake } from "./transports/ingest-intake";
import { serveSocket } from "./transports/socket";

/** Who reads, until there are accounts. */
const ANONYMOUS = "anonymous";

export interface Runtime {
  hub: Hub;
  cluster: Cluster;
  log: Log;
  /** What the HTTP server asks before, and tells after, each request. */
  door: Operations["door"];
  metrics: Operations["metrics"];
  /** Request in, response out, for the route handlers. */
  endpoints: Endpoints;
  /** What is answered without Next. */
  direct: DirectRoute;
  /** What a page starts from, for the viewer who asks. */
  page(channels: readonly string[]): PageSnapshot | Promise<PageSnapshot>;
  /** The past of a channel's metrics, as `GET /api/history` answers it. */
  history: ReadHistory;
  annotations: ReadAnnotations;
  /** Must producers show a key? Rejects with `keys_unavailable`. */
  isIngestKeyNeeded(): Promise<boolean>;
  serveSocket(io: Server): void;
  /**
   * For development: serves these channels and declared sources from now on. The log, its epoch and all connections
   * stay. Rejects, with nothing changed, for sources that cannot work. To be called one at a time.
   */
  redefine(channels: readonly Channel[], declared: readonly DeclaredSource[]): Promise<void>;
  /** From now on `/readyz` says that this process ends soon, so that load balancers look elsewhere. */
  beginStop(): void;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  settings: Settings;
  logger: Logger;
  channels?: readonly Channel[];
  /** Replaces the built-in sources; for tests and benchmarks. */
  sources?: readonly AnySource[];
  /** Replaces what is declared in `lib/channels`, and where its variables are; for tests. */
  declared?: readonly DeclaredSource[];
  env?: SourcesOptions["env"];
  /** Replaces the embedded engine; for tests. */
  log?: Log;
  /** False: nothing is archived; for tests and benchmarks of other parts. */
  archives?: boolean;
  /** Called when an operator asked this node to drain: it should end as after `SIGTERM`. */
  onDrain?: () => void;
  now?: () => number;
}

/** Embedded, or with `REDIS_URL` the one that any number of nodes share. */
function createLog({ settings, logger, now }: RuntimeOptions): Log {
  const retentionMs = settings.logMinutes * 60_000;
  const warn = (message: string, err: unknown) => logger.warn({ err }, message);
  if (settings.redisUrl !== undefined) return createRedisLog({ url: settings.redisUrl, retentionMs, warn });
  return createSqliteLog({ folder: settings.dataFolder, retentionMs, now, warn });
}

function createCluster({ settings, logger }: RuntimeOptions): Cluster {
  if (settings.redisUrl === undefined) return createEmbeddedCluster();
  return createRedisCluster({
    url: settings.redisUrl,
    note: (message, err) => logger.warn({ err }, message),
  });
}

/** In SQLite each node fills its own archive; in Postgres one node fills that of all. */
function createHistory(
  options: RuntimeOptions,
  { log, hub, cluster }: { log: Log; hub: Hub; cluster: Cluster },
  measured: (ms: number) => void,
): HistoryService {
  const { settings, logger, channels = allChannels, now = Date.now, archives = true } = options;
  if (!archives) return NO_HISTORY;
  const { databaseUrl, dataFolder: folder, retention } = settings;
  const warn = (message: string, err: unknown) => logger.warn({ err }, message);
  return startHistory({
    archive: startArchive({ folder, databaseUrl, channels, retention, warn }),
    ...{ log, channels, retention, now, warn, measured },
    head: () => parseCursor(hub.cursor)!.id,
    ...(databaseUrl !== undefined && { holdLease: (events) => cluster.holdLease("archive", events) }),
  });
}

/** The composition root: the only place that knows the concrete engine, sources and transports. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { settings, logger, channels = allChannels, now = Date.now, onDrain = () => {} } = options;
  const startedAt = now();
  const viewer = ANONYMOUS;
  const log = options.log ?? createLog(options);
  let sources: Sources | undefined;
  const hub = new Hub({
    log,
    channels,
    now,
    report: (error, what) => logger.error({ err: error }, `failed: ${what}`),
    onReplaced: () => {
      logger.warn("the log was replaced by another one");
      sources?.startOver();
    },
  });
  await hub.open();
  // Before the other log takes anything: a stream would move on in it from where it was in the one that is gone.
  log.replaced(() => sources?.startOver());
  const cluster = createCluster(options);
  const connections = createConnections(cluster.node, now);
  let stopping = false;
  const requests = createRequestStats();
  const deliveries = createDeliveries();
  const vitals = watchProcess(Object.values(deliveries));
  const viewers = () => {
    const { socket, sse, waiting } = hub.viewers();
    return { socket, sse, longPoll: waiting, poll: served.endpoints.pollers() };
  };
  const { limits } = settings;
  const { door, metrics, stop } = startOperations({
    limits,
    logger,
    hub,
    requests,
    deliveries,
    viewers,
    archive: { stats: () => served.history.stats() },
    now,
  });
  const append = (request: AppendRequest) => metrics.timed(() => log.append(request));
  const keys = startKeys({
    ...{ folder: settings.dataFolder, databaseUrl: settings.databaseUrl, now },
    warn: (message, err) => logger.warn({ err }, message),
  });
  const access = createIngestAccess({ key: settings.ingestKey, keys, now });
  const { ingestPerSecond: perSecond } = limits;
  const stored = metrics.ingested;

  /** What answers for these channels. */
  function serve(channels: readonly Channel[]) {
    const measured = (ms: number) => metrics.rangeRead(ms);
    const history = createHistory({ ...options, channels }, { log, hub, cluster }, measured);
    const names = new Set(channels.map((channel) => channel.name));
    const intake = new Intake({ log: { append }, hub, channels, access, perSecond, now, stored });
    const annotations = createAnnotations({
      log: { append },
      channels,
      stateOf: (channel) => hub.state(channel),
      archived: history.annotations,
      now,
    });
    const endpoints = createEndpoints({
      ...{
        hub,
        names,
        channels,
        annotations,
        connections,
        cluster,
        logger,
        now,
        viewer,
        deliveries,
        metrics,
      },
      ingest: new Ingest(intake),
      testSource: async (channel) => sources?.test(channel),
      readHistory: history.read,
      advice: async () => (await Promise.all([log.advice(), history.advice()])).flat(),
      isStopping: () => stopping,
    });
    return { history, names, intake, annotations, endpoints };
  }
  let served = serve(channels);
  let declared = options.declared ?? (options.sources ? [] : declaredSources);

  const prepare = (declared: readonly DeclaredSource[]) =>
    prepareSources({
      ...{ settings, log, append, hub, cluster, logger, declared },
      sources: options.sources,
      env: options.env,
      failed: (channel) => metrics.sourceFailed(channel),
    });

  async function redefine(next: readonly Channel[], given: readonly DeclaredSource[]): Promise<void> {
    // Sources that stay as they are go on.
    const prepared = isDeepStrictEqual(given, declared) ? undefined : await prepare(given);
    await hub.redefine(next);
    const before = served;
    served = serve(next);
    await before.history.close();
    if (!prepared) return;
    await sources?.close();
    sources = prepared;
    declared = given;
    metrics.sources(sources.channels);
    sources.start();
  }

  sources = await prepare(declared);
  metrics.sources(sources.channels);
  const report = nodeDescriber({
    ...{ node: cluster.node, startedAt, now, connections, viewers },
    figures: vitals.read,
    requests: requests.read,
    confirmedAt: () => hub.stats.confirmedAt,
    isDraining: () => stopping || hub.isDraining,
    sources: () => (sources?.isHere ? sources.channels : []),
    redisMs: () => cluster.roundTripMs,
  });
  cluster.start({
    report,
    disconnect: (id) => connections.disconnect(id),
    drain: onDrain,
    testSource: (channel) => sources?.tryNow(channel) ?? false,
  });
  sources.start();
  return {
    hub,
    cluster,
    log,
    door,
    metrics,
    get endpoints() {
      return served.endpoints;
    },
    direct: {
      path: /^\/api\/ingest\/([^/]+)\/?$/,
      answer: (request, channel) => served.endpoints.ingest(request, channel),
    },
    page: (names) => hub.page(viewer, names),
    history: (query) => served.history.read(query),
    annotations: (range) => served.annotations.read(range),
    redefine,
    isIngestKeyNeeded: access.isKeyNeeded,
    serveSocket(io) {
      cluster.mount(io);
      serveSocket(io, {
        hub,
        known: { has: (name) => served.names.has(name) },
        viewerOf: () => viewer,
        delivered: deliveries.socket,
        refused: metrics.refused,
        connections,
        ingest: createEventIngest({
          intake: () => served.intake,
          admit: door.gate.admitWork,
          refused: metrics.refused,
          report: (err) => logger.error({ err }, "an ingest event met a fault"),
        }),
      });
    },
    beginStop() {
      stopping = true;
    },
    async close() {
      stop();
      await sources?.close();
      await served.history.close();
      await cluster.close();
      vitals.close();
      await keys.close();
      await hub.close();
      await log.close();
    },
  };
}
