import { randomUUID } from "node:crypto";
import type { MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { CodedError } from "@/lib/shared/codes";
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
});
afterAll(() => broker.close());
beforeEach(async () => {
  publisher = await broker.publisher();
  own = randomUUID().slice(0, 8);
  lab = await startBrokerLab();
});
afterEach(() => lab.close());

function optionsOf(more: Partial<MqttOptions> = {}): MqttOptions {
  return { kind: "mqtt", url: env("MQTT"), topics: [`${own}/#`], clientId: `client-${own}`, ...more };
}

function run(
  more: Partial<MqttOptions> = {},
  channel: Channel = events,
  url = broker.url,
): Promise<LabSource> {
  return lab.run(declareSource(channel, optionsOf(more)), { MQTT: url });
}

async function publish(topic: string, value: unknown, more: { qos?: 0 | 1; retain?: boolean } = {}) {
  await publisher.publishAsync(`${own}/${topic}`, JSON.stringify(value), { qos: 1, ...more });
}

async function send(from: number, to: number, qos: 0 | 1 = 1) {
  for (let n = from; n < to; n += 500)
    await Promise.all(numbered(n, Math.min(to, n + 500)).map((value) => publish("a", value, { qos })));
}
const works = (source: LabSource) => vi.waitFor(() => expect(source.health().state).toBe("works"), WAIT);
const fails = (source: LabSource, reason: RegExp) =>
  vi.waitFor(
    () => expect(source.health()).toMatchObject({ state: "fails", reason: expect.stringMatching(reason) }),
    WAIT,
  );
/** What it waits between its tries is not what is tested here. */
const worksAgain = (source: LabSource) =>
  vi.waitFor(() => {
    source.running.tryNow("events");
    expect(source.health().state).toBe("works");
  }, WAIT);
const all = (count: number) => numbered(0, count).map(({ n }) => n);
/** Each at least once, the first time in order. */
const hasStored = (count: number) =>
  vi.waitFor(async () => expect([...new Set(await lab.numbers())]).toEqual(all(count)), WAIT);
const rows = async () => Object.assign({}, ...(await lab.stored("things")).map((update) => update.rows));

it("stores what is published, in its order, and makes of topics what the mapping says", async () => {
  const source = await run({
    topics: [`${own}/+/temperature`],
    map: ({ value, topic }: Message) => ({ n: value, from: topic.split("/")[1] }),
  });
  await works(source);
  await publish("cellar/temperature", 12);
  await publish("attic/humidity", 80);
  await publish("attic/temperature", 31, { qos: 0 });
  await vi.waitFor(async () => {
    const items = (await lab.stored("events")).flatMap(({ items = [] }) => items);
    expect(items).toEqual([
      { n: 12, from: "cellar" },
      { n: 31, from: "attic" },
    ]);
  }, WAIT);
  const told = {
    kind: "MQTT",
    readings: 2,
    rejected: 0,
    target: `${own}/+/temperature on 127.0.0.1:${portOf()}`,
  };
  expect(source.health()).toMatchObject(told);
});

function portOf(): string {
  return new URL(broker.url).port;
}

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

it("[S1] acknowledges only what is stored: a process that is killed loses nothing", async () => {
  const first = await run();
  await works(first);
  await first.stop();
  await send(0, 1500);
  const child = { options: optionsOf(), env: { MQTT: broker.url } };
  await lab.runAndDie([
    { ...child, dies: { after: 1, when: "before" } },
    { ...child, dies: { after: 1, when: "afterwards" } },
    { ...child, dies: { after: 2, when: "during" } },
  ]);
  const stored = new Set(await lab.numbers()).size;
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThan(1500);
  await run();
  await hasStored(1500);
});

it("[S1] stores once what an append whose outcome is unknown brought", async () => {
  let failures = 0;
  lab.afterAppend = async ({ updates }) => {
    if (updates.some(({ items }) => items) && failures++ % 2 === 0) throw new CodedError("unknown_outcome");
  };
  const source = await run();
  await works(source);
  for (let n = 0; n < 300; n += 20) await send(n, n + 20);
  await vi.waitFor(async () => expect(await lab.numbers()).toEqual(all(300)), WAIT);
  expect(failures).toBeGreaterThan(2);
});

it("gathers what comes while the log is busy, instead of a commit for each message", async () => {
  let appends = 0;
  lab.beforeAppend = async () => {
    appends += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await works(await run());
  await send(0, 2000);
  await hasStored(2000);
  expect(appends).toBeLessThan(100);
});

it("[S2] holds no more than the broker may send at a time while the log takes nothing, and stays connected", async () => {
  const first = await run();
  await works(first);
  await first.stop();
  const from = "x".repeat(20_000);
  for (let n = 0; n < 3000; n += 100)
    await Promise.all(numbered(n, n + 100).map((value) => publish("a", { ...value, from })));
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let appends = 0;
  lab.beforeAppend = () => {
    appends += 1;
    return held;
  };
  const before = process.memoryUsage().arrayBuffers;
  const source = await run({ map: ({ value }) => ({ n: (value as { n: number }).n }) });
  await vi.waitFor(() => expect(appends).toBe(1), WAIT);
  // Longer than a connection without a sign of life is kept.
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  // Of 60 MB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25_000_000);
  expect(appends).toBe(1);
  letGo();
  await hasStored(3000);
  expect(source.health()).toMatchObject({ state: "works", failures: 0, rejected: 0 });
  expect(await lab.reasons("events")).toEqual([]);
});

it("[S2] leaves out of a flood with QoS 0, which nobody holds back, what is too much, and counts it", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  lab.beforeAppend = () => held;
  const source = await run();
  await works(source);
  await send(0, 8000, 0);
  await vi.waitFor(() => expect(source.health().rejected).toBeGreaterThan(2000), WAIT);
  letGo();
  await vi.waitFor(() => {
    const { readings, rejected } = source.health();
    expect(readings + rejected).toBe(8000);
  }, WAIT);
  expect(source.health().lastRejection).toBe("Messages with QoS 0 came faster than they can be stored");
});

it("[S2] keeps the newest of each row of a flood", async () => {
  const source = await run({ policy: { latest: 100 } }, things);
  await works(source);
  for (let from = 0; from < 20_000; from += 500)
    await Promise.all(numbered(from, from + 500).map(({ n }) => publish("a", { id: `k${n % 500}`, n })));
  await vi.waitFor(async () => expect((await rows()).k499).toEqual({ id: "k499", n: 19_999 }), WAIT);
  for (const { id, n } of Object.values<{ id: string; n: number }>(await rows()))
    expect(n).toBe(19_500 + Number(id.slice(1)));
  expect((await lab.stored("things")).length).toBeLessThan(1000);
});

it("takes a retained message as what was last known, once, and not for an event", async () => {
  await publish("level", { n: 7 }, { retain: true });
  const source = await run({ topics: [`${own}/level`] }, meter);
  const values = async () => (await lab.stored("meter")).map(({ set }) => set?.n);
  await vi.waitFor(async () => expect(await values()).toEqual([7]), WAIT);
  await source.stop();
  const again = await run({ topics: [`${own}/level`] }, meter);
  await works(again);
  const feed = await run({ topics: [`${own}/level`], clientId: `feed-${own}` });
  await works(feed);
  await publish("level", { n: 8 }, { retain: true });
  await vi.waitFor(async () => expect(await lab.numbers()).toEqual([8]), WAIT);
  await vi.waitFor(async () => expect(await values()).toEqual([7, 8]), WAIT);
  // An empty one takes the retained message back, and is no reading.
  await publisher.publishAsync(`${own}/level`, "", { qos: 1, retain: true });
  await publish("level", { n: 9 });
  await vi.waitFor(async () => expect(await values()).toEqual([7, 8, 9]), WAIT);
  expect([again.health().rejected, feed.health().rejected]).toEqual([0, 0]);
});

it("leaves out what its session still has of topics that it no longer names", async () => {
  const first = await run({ topics: [`${own}/old`, `${own}/new`] });
  await works(first);
  await first.stop();
  await publish("old", { n: 1 });
  await publish("new", { n: 2 });
  await works(await run({ topics: [`${own}/new`] }));
  await publish("old", { n: 3 });
  await publish("new", { n: 4 });
  await vi.waitFor(async () => expect(await lab.numbers()).toEqual([2, 4]), WAIT);
});

it("refuses what is of no use, with a reason", async () => {
  const source = await run();
  await works(source);
  await publisher.publishAsync(`${own}/a`, "{no json", { qos: 1 });
  await publish("a", { m: 1 });
  await publish("a", { n: 5 });
  await vi.waitFor(async () => expect(await lab.numbers()).toEqual([5]), WAIT);
  expect(source.health()).toMatchObject({ rejected: 2, lastRejection: "m: is not known to this channel" });
});

it("[S2] a wrong password is told without it, and tried again", async () => {
  const source = await run({}, events, broker.wrongUrl);
  await fails(source, /Not authorized/);
  expect(JSON.stringify([source.health(), await lab.reasons("events")])).not.toContain("wrong-one");
  await vi.waitFor(() => expect(source.health().failures).toBeGreaterThan(1), WAIT);
});

it.each(["not a url", "http://u:secret-one@host", "mqtt://u:secret-one@host:port"])(
  "[S4] an address that is none is refused without its password: %s",
  async (url) => {
    const error = await run({}, events, url).then(String, (refused: Error) => refused);
    expect(String(error)).toContain('MQTT is to be like "mqtt://host:1883"');
    expect(String((error as Error).stack) + String((error as Error).cause)).not.toContain("secret-one");
  },
);

it("[S2] a broker that is killed, restarted or hangs: it is waited for", async () => {
  const source = await run();
  await works(source);
  await send(0, 10);
  await hasStored(10);
  await broker.kill9();
  await fails(source, /closed|ECONNREFUSED/);
  await broker.start();
  publisher = await broker.publisher();
  await worksAgain(source);
  await send(10, 20);
  await hasStored(20);
  broker.stall();
  await fails(source, /Keepalive timeout/);
  broker.resume();
  publisher = await broker.publisher();
  await worksAgain(source);
  await send(20, 30);
  await hasStored(30);
  broker.stall();
  const begun = performance.now();
  await source.stop();
  broker.resume();
  expect(performance.now() - begun).toBeLessThan(6000);
});
