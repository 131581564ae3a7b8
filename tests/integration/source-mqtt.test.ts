import { randomUUID } from "node:crypto";
import type { MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Channel } from "@/lib/shared/define-channel";
import { declareSource } from "@/lib/shared/sources/declare-source";
import type { MqttOptions } from "@/lib/shared/sources/mqtt";
import { env, type Message } from "@/lib/shared/sources/options";
import {
  type BrokerLab,
  events,
  type LabSource,
  meter,
  numbered,
  startBrokerLab,
  things,
} from "../support/broker-lab";
import { type MosquittoServer, startMosquitto } from "../support/mosquitto-server";

const WAIT = { timeout: 25_000, interval: 50 };

let broker: MosquittoServer;
let publisher: MqttClient;
let lab: BrokerLab;
/** Each test has topics and a session of its own. */
let own: string;
beforeAll(async () => {
  broker = await startMosquitto();
  publisher = await broker.publisher();
});
afterAll(() => broker.close());
beforeEach(async () => {
  own = randomUUID().slice(0, 8);
  lab = await startBrokerLab();
});
afterEach(() => lab.close());

function run(
  options: Partial<MqttOptions> = {},
  channel: Channel = events,
  url = broker.url,
): Promise<LabSource> {
  const rest = { url: env("MQTT"), topics: [`${own}/#`], clientId: `client-${own}` };
  return lab.run(declareSource(channel, { kind: "mqtt", ...rest, ...options }), { MQTT: url });
}

async function send(from: number, to: number, qos: 0 | 1 = 1, by = publisher): Promise<void> {
  await Promise.all(
    numbered(from, to).map((value) => by.publishAsync(`${own}/a`, JSON.stringify(value), { qos })),
  );
}

const works = (source: LabSource) => vi.waitFor(() => expect(source.health().state).toBe("works"), WAIT);
const all = (count: number) => numbered(0, count).map(({ n }) => n);
const hasStored = (count: number) =>
  vi.waitFor(async () => expect([...new Set(await lab.numbers())]).toEqual(all(count)), WAIT);

it("stores what is published, in its order, and makes of topics what the mapping says", async () => {
  const source = await run({
    topics: [`${own}/+/temperature`],
    map: ({ value, topic }: Message) => ({ n: value, from: topic.split("/")[1] }),
  });
  await works(source);
  await publisher.publishAsync(`${own}/cellar/temperature`, "12", { qos: 1 });
  await publisher.publishAsync(`${own}/attic/humidity`, "80", { qos: 1 });
  await publisher.publishAsync(`${own}/attic/temperature`, "31", { qos: 0 });
  await vi.waitFor(async () => {
    const items = (await lab.stored("events")).flatMap(({ items = [] }) => items);
    expect(items).toEqual([
      { n: 12, from: "cellar" },
      { n: 31, from: "attic" },
    ]);
  }, WAIT);
});

it("[S1] reads on after an interruption with what the broker kept", async () => {
  const first = await run();
  await works(first);
  await send(0, 50);
  await hasStored(50);
  await first.stop();
  await send(50, 3000);
  await run();
  await hasStored(3000);
});
