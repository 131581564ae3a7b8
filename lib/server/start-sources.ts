import { sources as healthChannel } from "@/lib/channels/sources";
import { CodedError } from "@/lib/shared/codes";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import type { Cluster } from "./cluster/cluster";
import type { Lease } from "./cluster/lease-keeper";
import type { Hub } from "./hub/hub";
import type { AppendRequest, Log } from "./log/log";
import type { Logger } from "./logger";
import type { Settings } from "./settings";
import { apiSource } from "./sources/built-in/api";
import { clusterSource } from "./sources/built-in/cluster";
import { connectionsSource } from "./sources/built-in/connections";
import { databaseSource } from "./sources/built-in/database";
import { coresSource } from "./sources/built-in/host-cores";
import { disksSource } from "./sources/built-in/host-disks";
import { interfacesSource } from "./sources/built-in/host-interfaces";
import { infrastructureSource } from "./sources/built-in/infrastructure";
import { nodesSource } from "./sources/built-in/nodes";
import { sourcesSource } from "./sources/built-in/sources";
import { createDuty } from "./sources/duty";
import { type OpenContext, openSource } from "./sources/open-source";
import { type AnySource, runSources } from "./sources/run-sources";
import { ingestValidator } from "./transports/ingest-schema";

export interface SourcesOptions {
  settings: Settings;
  log: Log;
  append(request: AppendRequest): Promise<unknown>;
  hub: Hub;
  cluster: Cluster;
  logger: Logger;
  /** Replaces the built-in sources, but for the one that tells how the others are; for tests and benchmarks. */
  sources?: readonly AnySource[];
  /** What is declared in `lib/channels`. */
  declared: readonly DeclaredSource[];
  env?: OpenContext["env"];
  failed: (channel: string) => void;
}

export interface Sources {
  /** The channels that they fill. */
  channels: string[];
  /** The sources run on this node (K3). */
  readonly isHere: boolean;
  /** Asks for the lease, and runs the sources while this node has it. */
  start(): void;
  /** What was published is gone. */
  startOver(): void;
  /** Asks a source for news now; false when it does not run on this node. */
  tryNow(channel: string): boolean;
  /**
   * Asks for news of a source now, on whichever node it runs. Fails with `not_found`; with `source_off` when it lacks
   * a setting; and as `Cluster.testSource` does.
   */
  test(channel: string): Promise<void>;
  /** Resolves when nothing more will be published. */
  close(): Promise<void>;
}

/** Opens all sources, and runs them on one node at a time. Throws for a declaration that cannot work. */
export async function prepareSources(options: SourcesOptions): Promise<Sources> {
  const { settings, log, hub, cluster, logger, declared } = options;
  const reports = () => cluster.reports();
  const builtIn = options.sources ?? [
    infrastructureSource({ folder: settings.redisUrl === undefined ? settings.dataFolder : "." }),
    coresSource(),
    disksSource(),
    interfacesSource(),
    apiSource(reports),
    databaseSource({ stats: () => log.stats(), reads: () => hub.reads }),
    clusterSource(reports),
    nodesSource(reports),
    connectionsSource(reports),
  ];
  // Where there is a channel for it: tests have channels of their own.
  const about = hub.state(healthChannel.name) ? [sourcesSource(() => duty.running?.health() ?? [])] : [];
  const context: OpenContext = { env: options.env ?? process.env, allowed: settings.sourcesAllow };
  const opened = await Promise.all(declared.map((one) => openSource(one, context)));
  const sources: AnySource[] = [...builtIn, ...about, ...opened];
  const channels = sources.map(({ channel }) => channel.name);
  const doubled = channels.find((name, i) => channels.indexOf(name) !== i);
  if (doubled !== undefined) throw new Error(`${doubled}: only one source fills a channel`);

  let lease: Lease | undefined;
  const duty = createDuty(() =>
    runSources({
      sources,
      append: async (request) => {
        // On a stalled event loop this may run before the timer that ends the lease.
        if (!lease?.isHeld) throw new CodedError("stopping", "Another node reads the sources now.");
        return options.append(request);
      },
      places: (of) => log.places(of),
      validator: ingestValidator,
      stateOf: (channel) => hub.state(channel),
      log: logger,
      failed: options.failed,
    }),
  );
  return {
    channels,
    get isHere() {
      return lease?.isHeld ?? false;
    },
    start() {
      lease = cluster.holdLease("sources", { onGained: duty.begin, onLost: duty.end });
    },
    startOver: duty.startOver,
    tryNow(channel) {
      if (!duty.running || !channels.includes(channel)) return false;
      duty.running.tryNow(channel);
      return true;
    },
    async test(channel) {
      const source = sources.find((one) => one.channel.name === channel);
      if (!source) throw new CodedError("not_found", "No source fills such a channel.");
      if ("off" in source) throw new CodedError("source_off", `The source is off: ${source.off}.`);
      await cluster.testSource(channel);
    },
    async close() {
      await duty.close();
      await Promise.all(sources.map((source) => ("close" in source ? source.close?.() : undefined)));
    },
  };
}
