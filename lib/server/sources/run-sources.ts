import type { AppendRequest, Log, NewUpdate } from "@/lib/server/log/log";
import type { Logger } from "@/lib/server/logger";
import type { ChannelState } from "@/lib/shared/state";
import { createAggregator } from "./aggregator";
import type { Clock } from "./clock";
import type { Source } from "./define-source";
import { type SourceHealth, unknownHealth } from "./health";
import type { Stream } from "./stream";
import { createStreamRunner } from "./stream-runner";

/** A source that lacks what it needs to run. */
export interface OffSource extends Pick<Source, "channel" | "kind" | "target"> {
  /** What it lacks, in words. */
  off: string;
}

/** A source that can be run, or the reason why not. */
export type AnySource = Source | Stream | OffSource;

/** Sources while they run on this node. */
export interface Running {
  start(): void;
  /** What was published may have been written over: the next readings are sent whole. */
  sendWhole(): void;
  /** What was published is gone: streams are read on from what the log now knows, too. */
  startOver(): void;
  /** Asks a source for news now, whenever its turn is. */
  tryNow(channel: string): void;
  /** In the order in which the sources were given. */
  health(): SourceHealth[];
  /** Resolves when nothing more will be published, at the latest after some seconds. */
  stop(): Promise<void>;
}

export interface RunOptions {
  sources: readonly AnySource[];
  /** Resolves once the updates are in the log, rejects with a `CodedError`. */
  append(request: AppendRequest): Promise<unknown>;
  places: Log["places"];
  /** The check of what a channel takes, as for ingest. */
  validator(channel: Source["channel"]): (value: unknown, now: number) => NewUpdate;
  stateOf(channel: string): ChannelState | undefined;
  log: Pick<Logger, "info" | "warn">;
  /** Is told of each read and each connection that failed. */
  failed?: (channel: string) => void;
  clock?: Clock;
}

/** Runs pull sources on common ticks, and each stream by itself. */
export function runSources(options: RunOptions): Running {
  const { sources, append, validator } = options;
  const pulls = sources.filter((source): source is Source => "read" in source);
  const streams = sources.filter((source): source is Stream => "run" in source);
  const aggregator = createAggregator({
    ...options,
    sources: pulls,
    publish: (updates) => append({ updates }),
  });
  const runners = streams.map((stream) =>
    createStreamRunner({ ...options, stream, validate: validator(stream.channel) }),
  );
  const all = [aggregator, ...runners];
  return {
    start() {
      for (const part of all) part.start();
    },
    sendWhole: aggregator.startOver,
    startOver() {
      for (const part of all) part.startOver();
    },
    tryNow(channel) {
      aggregator.tryNow(channel);
      for (const runner of runners) if (runner.health().channel === channel) runner.tryNow();
    },
    health() {
      const known = [...aggregator.health(), ...runners.map((runner) => runner.health())];
      const byChannel = new Map(known.map((health) => [health.channel, health]));
      return sources.map((source) => byChannel.get(source.channel.name) ?? healthOf(source));
    },
    async stop() {
      await Promise.all(all.map((part) => part.stop()));
    },
  };
}

function healthOf({ channel, kind, target, ...rest }: AnySource): SourceHealth {
  const health = unknownHealth({ channel: channel.name, title: channel.title, kind, target });
  return "off" in rest ? { ...health, state: "off", reason: rest.off } : health;
}
