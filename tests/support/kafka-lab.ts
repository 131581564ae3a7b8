import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from "vitest";
import type { Channel } from "@/lib/shared/define-channel";
import { declareSource } from "@/lib/shared/sources/declare-source";
import type { KafkaOptions } from "@/lib/shared/sources/kafka";
import { env } from "@/lib/shared/sources/options";
import { type BrokerLab, events, type LabSource, numbered, startBrokerLab } from "./broker-lab";
import { type KafkaServer, lackForKafka, type Sent, startKafka } from "./kafka-server";

export const WAIT = { timeout: 40_000, interval: 100 };

/** What the tests with Kafka share: one broker for a file, a log and a topic's name for each test. */
export interface KafkaLab {
  kafka: KafkaServer;
  lab: BrokerLab;
  topic: string;
  group: string;
  options(more?: Partial<KafkaOptions>): KafkaOptions;
  run(more?: Partial<KafkaOptions>, channel?: Channel): Promise<LabSource>;
  /** Waits until the events from 0 to before `count` are stored, in whatever order, each once. */
  hasStored(count: number): Promise<void>;
}

/** Describes tests with a real Kafka; where there is none they are skipped, which the title and stderr say. */
export function describeKafka(title: string, tests: (at: KafkaLab) => void): void {
  const lack = lackForKafka();
  const at = {
    options: (more) => ({
      ...({ kind: "kafka", brokers: env("KAFKA"), from: "earliest" } as const),
      ...{ topic: at.topic, group: at.group },
      ...more,
    }),
    run: (more, channel = events) =>
      at.lab.run(declareSource(channel, at.options(more)), { KAFKA: at.kafka.brokers }),
    hasStored: (count) =>
      vi.waitFor(async () => {
        const numbers = await at.lab.numbers();
        expect(numbers.length).toBeGreaterThanOrEqual(count);
        expect(numbers.sort((a, b) => a - b)).toEqual(numbered(0, count).map(({ n }) => n));
      }, WAIT),
  } as KafkaLab;
  const name = lack === undefined ? title : `${title} (skipped: it needs ${lack})`;
  describe.skipIf(lack !== undefined)(name, { timeout: 120_000 }, () => {
    beforeAll(async () => {
      at.kafka = await startKafka();
    }, 120_000);
    afterAll(() => at.kafka?.close());
    beforeEach(async () => {
      at.lab = await startBrokerLab();
      at.topic = at.kafka.newTopic();
      at.group = `group-${at.topic}`;
    });
    afterEach(() => at.lab.close());
    tests(at);
  });
}

export const works = (source: LabSource) =>
  vi.waitFor(() => expect(source.health().state).toBe("works"), WAIT);

export const fails = (source: LabSource, reason: string | RegExp) =>
  vi.waitFor(
    () => expect(source.health()).toMatchObject({ state: "fails", reason: expect.stringMatching(reason) }),
    WAIT,
  );

export const records = (from: number, to: number, partition = 0): Sent[] =>
  numbered(from, to).map((value) => ({ value, partition }));
