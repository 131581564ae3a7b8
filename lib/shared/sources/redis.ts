import type { FromEnvironment, PullOptions, StreamOptions } from "./options";

/** Figures of `INFO`, by their names there. */
export interface RedisInfoOptions<Names extends string = string> extends PullOptions {
  kind: "redis-info";
  /** `redis://user:password@host:6379/0` */
  url: FromEnvironment;
  values: Partial<Record<NoInfer<Names>, string>>;
}

/** A stream, from where it was last read. An entry's fields are the message's value, unless one is named. */
export interface RedisStreamOptions extends StreamOptions {
  kind: "redis-stream";
  url: FromEnvironment;
  stream: string;
  /** The field that holds the message as JSON. */
  field?: string;
  /** Where the first reading begins: `"latest"` by default. */
  from?: "latest" | "earliest";
}

/** Messages that are published. What is published while nobody listens is lost, as Redis keeps none. */
export interface RedisPubsubOptions extends StreamOptions {
  kind: "redis-pubsub";
  url: FromEnvironment;
  /** Channels, or patterns with `*`. */
  channels: readonly string[];
}
