import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import type { FromEnvironment } from "@/lib/shared/sources/options";
import type { AnySource } from "./run-sources";

/** What sources are opened with. */
export interface OpenContext {
  /** The process's environment. */
  env: Readonly<Record<string, string | undefined>>;
  /** Networks (CIDR) that the operator lets `http` and `prometheus` sources reach although they are refused by default. */
  allowed: readonly string[];
}

/** Thrown by `setting`: the source is off. */
class NotSet extends Error {}

/** The value of a variable. A source that lacks one is off. */
export function setting({ env }: Pick<OpenContext, "env">, from: string | FromEnvironment): string {
  if (typeof from === "string") return from;
  const value = env[from.env];
  if (value === undefined || value === "") throw new NotSet(`${from.env} is not set`);
  return value;
}

/** The kinds of sources, as people call them. Their code is loaded when one is declared. */
const KINDS: Record<DeclaredSource["options"]["kind"], string> = {
  postgres: "PostgreSQL",
  "postgres-listen": "PostgreSQL",
  http: "HTTP",
  prometheus: "Prometheus",
  promql: "Prometheus",
  kafka: "Kafka",
  mqtt: "MQTT",
  "redis-info": "Redis",
  "redis-stream": "Redis",
  "redis-pubsub": "Redis",
};

/** Makes a source of its declaration; nothing is connected yet. Throws for a declaration that cannot work. */
export async function openSource(declared: DeclaredSource, context: OpenContext): Promise<AnySource> {
  const { channel, options } = declared;
  const kind = KINDS[options.kind];
  try {
    return await open(declared, context);
  } catch (error) {
    if (error instanceof NotSet) return { channel, kind, target: "", off: error.message };
    throw new Error(`The source of ${channel.name}: ${(error as Error).message}`, { cause: error });
  }
}

async function open({ channel, options }: DeclaredSource, context: OpenContext): Promise<AnySource> {
  switch (options.kind) {
    case "http":
      return (await import("./http/http")).httpSource(channel, options, context);
    case "prometheus":
      return (await import("./http/prometheus")).prometheusSource(channel, options, context);
    case "promql":
      return (await import("./http/promql")).promqlSource(channel, options, context);
    case "postgres":
      return (await import("./postgres/postgres")).postgresSource(channel, options, context);
    case "postgres-listen":
      return (await import("./postgres/postgres-listen")).postgresListenSource(channel, options, context);
    case "redis-info":
      return (await import("./redis/redis-info")).redisInfoSource(channel, options, context);
    case "redis-stream":
      return (await import("./redis/redis-stream")).redisStreamSource(channel, options, context);
    case "redis-pubsub":
      return (await import("./redis/redis-pubsub")).redisPubsubSource(channel, options, context);
    case "kafka":
      return (await import("./kafka/kafka")).kafkaStream(channel, options, context);
    case "mqtt":
      return (await import("./mqtt/mqtt")).mqttStream(channel, options, context);
  }
}
