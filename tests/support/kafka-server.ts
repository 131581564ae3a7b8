import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, Producer } from "@platformatic/kafka";
import { freePort } from "./free-port";
import { findKafka } from "./kafka-program";

const START_MS = 60_000;
const STOP_MS = 20_000;
const LED_MS = 10_000;
/** A small machine runs it beside the tests. */
const JVM = [..."-Xms64m -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1".split(" ")];
const QUIET = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];

/** One record as a test sends it; a value that is no text is sent as JSON, `null` as a tombstone. */
export interface Sent {
  value: unknown;
  key?: string;
  partition?: number;
}

export interface KafkaServer {
  /** As `KafkaOptions.brokers` has it. */
  readonly brokers: string;
  /** Whether it can be stopped: one that `KAFKA_BROKERS` names is somebody else's. */
  readonly isOwn: boolean;
  /** A topic's name that nobody has had. */
  newTopic(): string;
  createTopic(topic: string, partitions?: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  addPartition(topic: string): Promise<void>;
  /** Forgets a partition's records before this offset, as retention does. */
  forget(topic: string, partition: number, before: number): Promise<void>;
  send(topic: string, records: readonly Sent[], compression?: "gzip" | "lz4" | "snappy"): Promise<void>;
  /** What a group has committed, by partition. */
  committed(group: string, topic: string, partitions: number): Promise<number[]>;
  /** Writes over what a group without members has committed. */
  commit(group: string, topic: string, partition: number, offset: number): Promise<void>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same ports and files. */
  start(): Promise<void>;
  /** Freezes the process: its connections stay open and nothing answers. */
  stall(): void;
  resume(): void;
  close(): Promise<void>;
}

/** What the tests lack for a broker, said once where everybody sees it; `undefined` when there is one. */
export function lackForKafka(): string | undefined {
  if (process.env.KAFKA_BROKERS) return undefined;
  const found = findKafka();
  if (!("lacks" in found)) return undefined;
  process.stderr.write(
    `\nSKIPPED: the tests with Kafka need ${found.lacks}; or KAFKA_BROKERS names a broker.\n\n`,
  );
  return found.lacks;
}

const running = new Map<ChildProcess, string>();
process.once("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The broker that `KAFKA_BROKERS` names, or a real one in KRaft mode on loopback; resolves once it answers. */
export async function startKafka(): Promise<KafkaServer> {
  const given = process.env.KAFKA_BROKERS;
  if (given) {
    const refuse = () => {
      throw new Error("this broker belongs to somebody else");
    };
    const process = { kill9: refuse, start: refuse, stall: refuse, resume: refuse };
    return { ...clientOf(given), ...process, brokers: given, isOwn: false, close: async () => {} };
  }
  const found = findKafka();
  if ("lacks" in found) throw new Error(`Kafka needs ${found.lacks}`);
  const [port, controllerPort] = [await freePort(), await freePort()];
  const brokers = `127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "nowboard-kafka-"));
  const config = join(folder, "server.properties");
  writeFileSync(config, properties(port, controllerPort, join(folder, "data")));
  const java = (main: string, ...args: string[]) => [...JVM, ...QUIET, "-cp", found.classPath, main, ...args];
  const client = clientOf(brokers);
  let child: ChildProcess | undefined;
  let printed = "";

  async function start(): Promise<void> {
    const started = spawn("java", java("kafka.Kafka", config), {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
    });
    child = started;
    running.set(started, folder);
    const keep = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-16_384);
    };
    started.stdout.on("data", keep);
    started.stderr.on("data", keep);
    started.once("exit", () => running.delete(started));
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && !hasEnded(started)) {
      if (await client.answers()) return;
      await sleep(100);
    }
    throw new Error(`Kafka did not come up on port ${port}\n${printed}`);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (!ending || hasEnded(ending)) return;
    const ended = once(ending, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    ending.kill("SIGCONT");
    ending.kill(signal);
    await ended;
  }

  const uuid = Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");
  const format = spawnSync(
    "java",
    java("kafka.tools.StorageTool", "format", `--cluster-id=${uuid}`, "-c", config),
    {
      encoding: "utf8",
      cwd: folder,
    },
  );
  try {
    if (format.status !== 0)
      throw new Error(`Kafka's storage was not formatted\n${format.stdout}${format.stderr}`);
    await start();
  } catch (error) {
    await end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    ...client,
    brokers,
    isOwn: true,
    kill9: () => end("SIGKILL"),
    start,
    stall: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    async close() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function properties(port: number, controllerPort: number, data: string): string {
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "log.dirs": data,
    "auto.create.topics.enable": false,
    "offsets.topic.num.partitions": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "message.max.bytes": 12_000_000,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "log.cleaner.enable": false,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** What a test does with a broker over connections of its own, one for each step: the broker may have been away. */
function clientOf(brokers: string) {
  const options = {
    clientId: "nowboard-test",
    bootstrapBrokers: brokers.split(","),
    retries: 3,
    retryDelay: 200,
  };

  async function administer<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(options);
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }

  return {
    async answers(): Promise<boolean> {
      const admin = new Admin({ ...options, retries: 0, timeout: 2000 });
      return admin
        .listTopics()
        .then(() => true)
        .catch(() => false)
        .finally(() => admin.close().catch(() => {}));
    },
    newTopic: () => `test-${randomUUID().slice(0, 8)}`,
    async createTopic(topic: string, partitions = 1): Promise<void> {
      await administer(async (admin) => {
        await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
        await untilLed(admin, topic, partitions);
      });
    },
    deleteTopic: (topic: string) => administer((admin) => admin.deleteTopics({ topics: [topic] })),
    addPartition: (topic: string) =>
      administer(async (admin) => {
        const { brokers, topics } = await admin.metadata({ topics: [topic] });
        const count = topics.get(topic)!.partitionsCount + 1;
        const assignments = [{ brokerIds: [...brokers.keys()].slice(0, 1) }];
        await admin.createPartitions({ topics: [{ name: topic, count, assignments }] });
        await untilLed(admin, topic, count);
      }),
    async forget(topic: string, partition: number, before: number): Promise<void> {
      const partitions = [{ partition, offset: BigInt(before) }];
      await administer((admin) => admin.deleteRecords({ topics: [{ name: topic, partitions }] }));
    },
    async send(
      topic: string,
      records: readonly Sent[],
      compression?: "gzip" | "lz4" | "snappy",
    ): Promise<void> {
      const producer = new Producer({ ...options, ...(compression && { compression }), acks: -1 });
      try {
        for (let i = 0; i < records.length; i += 2000) {
          const messages = records.slice(i, i + 2000).map(({ value, key, partition = 0 }) => ({
            topic,
            partition,
            key: key === undefined ? undefined : Buffer.from(key),
            value: bytesOf(value),
          }));
          await producer.send({ messages: messages as never });
        }
      } finally {
        await producer.close();
      }
    },
    commit: (groupId: string, name: string, partition: number, offset: number) =>
      administer((admin) => {
        const partitionOffsets = [{ partition, offset: BigInt(offset) }];
        return admin.alterConsumerGroupOffsets({ groupId, topics: [{ name, partitionOffsets }] });
      }),
    committed: (group: string, topic: string, partitions: number) =>
      administer(async (admin) => {
        const partitionIndexes = Array.from({ length: partitions }, (_, i) => i);
        const groups = await admin.listConsumerGroupOffsets({
          groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes }] }],
        });
        const found = groups[0]?.topics[0]?.partitions ?? [];
        return partitionIndexes.map((i) =>
          Number(found.find(({ partitionIndex }) => partitionIndex === i)?.committedOffset ?? -1),
        );
      }),
  };
}

/**
 * Waits until each partition has a leader: a producer to whom some of them answer, and others do not yet, sends all again,
 * and doubles messages itself.
 */
async function untilLed(admin: Admin, name: string, count: number): Promise<void> {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp: -1n,
  }));
  for (const deadline = Date.now() + LED_MS; ; await sleep(20)) {
    try {
      await admin.listOffsets({ topics: [{ name, partitions }] });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      admin.clearMetadata();
    }
  }
}

function bytesOf(value: unknown): Buffer | null {
  if (value === null) return null;
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
