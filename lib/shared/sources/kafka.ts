import type { FromEnvironment, StreamOptions } from "./options";

/** A topic of JSON messages, read by a consumer group. */
export interface KafkaOptions extends StreamOptions {
  kind: "kafka";
  /** `host:9092,host2:9092` */
  brokers: FromEnvironment;
  topic: string;
  /** `nowboard-<channel>` by default. */
  group?: string;
  /** Where the first reading begins: `"latest"` by default. */
  from?: "latest" | "earliest";
}
