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
  /** Encrypts the connections, and checks the brokers' certificates (`NODE_EXTRA_CA_CERTS` adds an authority). */
  tls?: boolean;
  sasl?: {
    mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    username: FromEnvironment;
    password: FromEnvironment;
  };
}
