import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import { declareSource } from "@/lib/shared/sources/declare-source";
import type { KafkaOptions } from "@/lib/shared/sources/kafka";
import { env } from "@/lib/shared/sources/options";
import { type BrokerLab, events, numbered, startBrokerLab, things } from "../support/broker-lab";
import { type KafkaServer, lackForKafka, type Sent, startKafka } from "../support/kafka-server";

const lack = lackForKafka();
const WAIT = { timeout: 30_000, interval: 100 };

let kafka: KafkaServer;
let lab: BrokerLab;
let topic: string;

describe.skipIf(lack !== undefined)(`Kafka${lack ? `, for which there is no ${lack}` : ""}`, { timeout: 90_000 }, () => {
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterAll(() => kafka?.close());
  beforeEach(async () => {
    lab = await startBrokerLab();
    topic = kafka.newTopic();
  });
  afterEach(() => lab.close());

  function source(options: Partial<KafkaOptions> = {}): DeclaredSource {
    return declareSource(events, {
      kind: "kafka",
      brokers: env("KAFKA"),
      topic,
      group: `group-${topic}`,
      from: "earliest",
      ...options,
    });
  }

  const run = (declared = source()) => lab.run(declared, { KAFKA: kafka.brokers });
  const sent = (from: number, to: number, partition = 0): Sent[] =>
    numbered(from, to).map((value) => ({ value, partition }));
  const works = (running: Awaited<ReturnType<typeof run>>) =>
    vi.waitFor(() => expect(running.health().state).toBe("works"), WAIT);
  const inOrder = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
  const all = (count: number) => numbered(0, count).map(({ n }) => n);
  const hasStored = (count: number) =>
    vi.waitFor(async () => expect(inOrder(await lab.numbers())).toEqual(all(count)), WAIT);

  it("[S1] stores each message once, in the order of its partition, and tells the group afterwards", async () => {
    await kafka.createTopic(topic, 2);
    await kafka.send(topic, [...sent(0, 1500), ...sent(1500, 1600, 1)]);
    const running = await run();
    await hasStored(1600);
    const numbers = await lab.numbers();
    expect(numbers.filter((n) => n < 1500)).toEqual(all(1500));
    await vi.waitFor(async () => expect(await kafka.committed(`group-${topic}`, topic, 2)).toEqual([1500, 100]), WAIT);
    expect(running.health()).toMatchObject({ state: "works", readings: 1600, rejected: 0, waiting: 0, kind: "Kafka" });
    expect(running.health().lagMs).toBeLessThan(60_000);
    await running.stop();
    await kafka.send(topic, sent(1600, 1610));
    await run();
    await hasStored(1610);
  });
});
