import type { Channel, FeedChannel, RecordChannel, TableChannel } from "../define-channel";
import type { HttpOptions } from "./http";
import type { KafkaOptions } from "./kafka";
import type { MqttOptions } from "./mqtt";
import type { PostgresListenOptions, PostgresOptions } from "./postgres";
import type { PrometheusOptions, PromqlOptions } from "./prometheus";
import type { RedisInfoOptions, RedisPubsubOptions, RedisStreamOptions } from "./redis";

/** What a channel's parts are called: metrics of a record, columns of a table, fields of a feed. */
export type NamesOf<C extends Channel> =
  C extends RecordChannel<infer M>
    ? M
    : C extends TableChannel<infer K>
      ? K
      : C extends FeedChannel<infer F>
        ? F
        : never;

export type SourceOptions<Names extends string = string> =
  | PostgresOptions<Names>
  | PostgresListenOptions
  | HttpOptions<Names>
  | PrometheusOptions<Names>
  | PromqlOptions<Names>
  | KafkaOptions
  | MqttOptions
  | RedisInfoOptions<Names>
  | RedisStreamOptions
  | RedisPubsubOptions;

/** Where a channel's data comes from, as data: nothing is opened before a server runs it. */
export interface DeclaredSource<O extends SourceOptions = SourceOptions> {
  channel: Channel;
  options: O;
}

/**
 * Declares where a channel's data comes from; one source fills a channel. Names are checked against the channel by
 * type. Files with declarations (`lib/channels/*.source.ts`) are read by the server alone, never by a page.
 */
export function declareSource<C extends Channel>(
  channel: C,
  options: SourceOptions<NamesOf<C>>,
): DeclaredSource {
  if (channel.filledBy !== "source")
    throw new Error(`${channel.name}: a channel with a source has filledBy: "source"`);
  const policy = "policy" in options ? options.policy : undefined;
  if (channel.kind === "feed" && typeof policy === "object" && "latest" in policy)
    throw new Error(
      `${channel.name}: the policy "latest" is for records and tables; a feed's items all count`,
    );
  return { channel, options };
}
