import { expect, it, vi } from "vitest";
import type { Policy } from "@/lib/shared/sources/options";
import { numbered, things } from "../support/broker-lab";
import { describeKafka, records, WAIT, works } from "../support/kafka-lab";

describeKafka("Kafka", (at) => {
  it("[S1] stores each message once, in the order of its partition, and tells the group afterwards", async () => {
    const { kafka, lab, topic, group } = at;
    await kafka.createTopic(topic, 2);
    await kafka.send(topic, [...records(0, 1500), ...records(1500, 1600, 1)]);
    const running = await at.run();
    await at.hasStored(1600);
    const ofFirst = (await lab.numbers()).filter((n) => n < 1500);
    expect(ofFirst).toEqual(numbered(0, 1500).map(({ n }) => n));
    await vi.waitFor(async () => expect(await kafka.committed(group, topic, 2)).toEqual([1500, 100]), WAIT);
    const told = { state: "works", kind: "Kafka", readings: 1600, rejected: 0, waiting: 0 };
    expect(running.health()).toMatchObject({ ...told, target: `${topic} on ${kafka.brokers}` });
    expect(running.health().lagMs).toBeLessThan(60_000);
    await running.stop();
    await kafka.send(topic, records(1600, 1610));
    await at.run();
    await at.hasStored(1610);
  });

  it("begins with what comes from now on, and keeps that place although nothing came", async () => {
    const { kafka, lab, topic, group } = at;
    await kafka.createTopic(topic, 2);
    await kafka.send(topic, records(100, 110));
    const first = await at.run({ from: "latest" });
    await works(first);
    expect(await kafka.committed(group, topic, 2)).toEqual([10, 0]);
    await first.stop();
    await kafka.send(topic, [...records(0, 5), ...records(5, 10, 1)]);
    await at.run({ from: "latest" });
    await at.hasStored(10);
    expect(await lab.numbers()).not.toContain(100);
  });

  it.each([0, 20, 25])("[S1] reads on from the log's place when the group says %i", async (offset) => {
    const { kafka, topic, group } = at;
    await kafka.createTopic(topic);
    await kafka.send(topic, records(0, 20));
    const first = await at.run();
    await at.hasStored(20);
    await first.stop();
    await kafka.send(topic, records(20, 30));
    await kafka.commit(group, topic, 0, offset);
    await at.run();
    await at.hasStored(30);
  });

  it("takes rows by key, deletes them by a tombstone, and refuses what is of no use with a reason", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic);
    const row = (id: string, n: number) => ({ value: { id, n }, key: id });
    await kafka.send(topic, [row("a", 1), row("b", 2), { value: null, key: "a" }, { value: null }]);
    await kafka.send(topic, [
      { value: "no json" },
      { value: { id: "c", m: 1 } },
      { value: "" },
      { value: "[]" },
    ]);
    await kafka.send(topic, [{ value: `{"id":"d","n":"${"x".repeat(2_000_000)}"}` }]);
    await kafka.send(topic, [row("e", 5)], "gzip");
    await kafka.send(topic, [row("f", 6)], "lz4");
    await kafka.send(topic, [row("g", 7)], "snappy");
    const running = await at.run({}, things);
    await vi.waitFor(async () => {
      const rows = (await lab.stored("things")).map((update) => update.rows);
      const kept = { e: { id: "e", n: 5 }, f: { id: "f", n: 6 }, g: { id: "g", n: 7 } };
      const all = [{ a: { id: "a", n: 1 } }, { b: { id: "b", n: 2 } }, { a: null }];
      expect(rows).toEqual([...all, { e: kept.e }, { f: kept.f }, { g: kept.g }]);
    }, WAIT);
    expect(running.health()).toMatchObject({ state: "works", rejected: 3 });
    expect(running.health().lastRejection).toMatch(/^A message of 20000\d\d bytes is too large$/);
  });

  it("[S2] fetches no more while the log does not take what was fetched", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic);
    const filler = "x".repeat(1500);
    const sent = numbered(0, 20_000).map(({ n }) => ({ value: { n, filler } }));
    await kafka.send(topic, sent);
    sent.length = 0;
    let mapped = 0;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let appends = 0;
    lab.beforeAppend = async () => {
      appends += 1;
      await held;
    };
    const before = process.memoryUsage().arrayBuffers;
    await at.run({
      map: ({ value }) => {
        mapped += 1;
        return { n: (value as { n: number }).n };
      },
    });
    await vi.waitFor(() => expect(appends).toBe(1), WAIT);
    // Longer than an idle broker holds a request.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([appends, mapped]).toEqual([1, 500]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16_000_000);
    letGo();
    await at.hasStored(20_000);
  });

  it.each<[string, Policy, (stored: number, dropped: number) => void]>([
    ["the newest of each row", { latest: 100 }, (_, dropped) => expect(dropped).toBe(0)],
    [
      "so many a second",
      { sample: 200 },
      (stored, dropped) => {
        expect(stored).toBeLessThan(10_000);
        expect(dropped).toBe(20_000 - stored);
      },
    ],
  ])("[S2] thins a flood out: %s", async (_, policy, check) => {
    const { kafka, lab, topic, group } = at;
    await kafka.createTopic(topic, 2);
    const flood = numbered(0, 20_000).map(({ n }) => ({ value: { id: `k${n % 500}`, n }, partition: n % 2 }));
    let appends = 0;
    lab.beforeAppend = async () => {
      appends += 1;
    };
    const running = await at.run({ policy }, things);
    await kafka.send(topic, flood);
    await vi.waitFor(
      async () => expect(await kafka.committed(group, topic, 2)).toEqual([10_000, 10_000]),
      WAIT,
    );
    expect(running.health()).toMatchObject({ state: "works", waiting: 0, rejected: 0 });
    check((await lab.stored("things")).length, running.health().dropped);
    const rows = Object.assign({}, ...(await lab.stored("things")).map((update) => update.rows));
    if ("latest" in Object(policy)) {
      expect(Object.keys(rows)).toHaveLength(500);
      for (const { id, n } of Object.values<{ id: string; n: number }>(rows))
        expect(n).toBe(19_500 + Number(id.slice(1)));
    }
    expect(appends).toBeLessThan(400);
  });
});
