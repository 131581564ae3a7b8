import { type BaseOptions, Consumer } from "@platformatic/kafka";
import type { KafkaOptions } from "@/lib/shared/sources/kafka";
import { type OpenContext, setting } from "../open-source";

/** A member that was killed is waited for so long before its partitions are read on; brokers take no less by default, ms. */
const SESSION_MS = 6000;
/** How long the others of a group may take to join anew, ms. */
const REBALANCE_MS = 8000;
/** No answer for so long: the broker hangs. Longer than any request may take, ms. */
const REQUEST_MS = 12_000;
/** How long an idle broker holds a request for more, ms. */
const FETCH_WAIT_MS = 500;
/** The most bytes that are fetched at a time, besides a single message that is larger. */
const FETCH_BYTES = 2_097_152;
export const FETCH_PARTITION_BYTES = 524_288;
/** How long to wait for the broker when a connection is given up, ms. */
const CLOSE_MS = 1500;

export type KafkaConnection = Pick<
  BaseOptions,
  | "clientId"
  | "bootstrapBrokers"
  | "tls"
  | "sasl"
  | "retries"
  | "retryDelay"
  | "connectTimeout"
  | "requestTimeout"
>;

/** How to reach the brokers, and their names for people. Throws for what is no list of addresses. */
export function kafkaConnection(options: KafkaOptions, context: Pick<OpenContext, "env">): KafkaConnection {
  const brokers = setting(context, options.brokers)
    .split(",")
    .map((broker) => broker.trim())
    .filter(Boolean);
  const bad = brokers.find((broker) => !/^(\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(broker));
  if (bad !== undefined || brokers.length === 0)
    throw new Error(`${options.brokers.env} is to be like "host:9092,host2:9092"`);
  const { tls, sasl } = options;
  return {
    clientId: "nowboard",
    bootstrapBrokers: brokers,
    ...(tls && { tls: {} }),
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism,
        username: setting(context, sasl.username),
        password: setting(context, sasl.password),
      },
    }),
    retries: 3,
    retryDelay: 300,
    connectTimeout: 4000,
    requestTimeout: REQUEST_MS,
  };
}

/** A member of the group and a reader, each with connections of its own: a fetch would hold up the member's heartbeat. */
export interface KafkaClients {
  member: Consumer;
  reader: Consumer;
  /** Leaves the group and closes all; never rejects, and waits for no broker for long. */
  close(): Promise<void>;
}

export function openClients(connection: KafkaConnection, groupId: string, topic: string): KafkaClients {
  const member = new Consumer({
    ...{ ...connection, groupId, sessionTimeout: SESSION_MS, rebalanceTimeout: REBALANCE_MS },
    heartbeatInterval: SESSION_MS / 3,
  });
  const reader = new Consumer({
    ...{ ...connection, groupId, maxWaitTime: FETCH_WAIT_MS, maxBytes: FETCH_BYTES, minBytes: 1 },
  });
  for (const client of [member, reader]) client.topics.track(topic);
  return {
    member,
    reader,
    async close() {
      const readerClosed = reader.close().catch(() => {});
      await within(Promise.resolve(member.leaveGroup()));
      // Without its id it does not ask the broker to be let go before it closes its connections.
      member.memberId = null;
      await within(Promise.all([member.close(), readerClosed]));
    },
  };
}

/** Resolves when it is done or the time is over, whatever comes of it. */
export async function within(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer);
}

/** Whether an error of the client has this property somewhere inside, such as `["apiId", "OFFSET_OUT_OF_RANGE"]`. */
export function isKafkaError(error: unknown, property: string, value: unknown): boolean {
  const findBy = (error as { findBy?: (property: string, value: unknown) => unknown } | null)?.findBy;
  return Boolean(findBy?.call(error, property, value));
}

/** The client wraps what happened in what it was about to do: people are told what happened. */
export function kafkaReason(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors.at(-1) : (error as Error).cause;
  if (inner instanceof Error) return kafkaReason(inner);
  const { message, serverErrorMessage } = error as Error & { serverErrorMessage?: string };
  return serverErrorMessage || message;
}
