import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { numbered, things } from "../support/broker-lab";
import { describeKafka, fails, records, WAIT, works } from "../support/kafka-lab";

const isOthers = Boolean(process.env.KAFKA_BROKERS);

describeKafka("Kafka, when something fails", (at) => {
  it("[S1] a process that is killed between storing and telling the group doubles and loses nothing", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic);
    await kafka.send(topic, records(0, 6000));
    const child = { options: at.options(), env: { KAFKA: kafka.brokers } };
    await lab.runAndDie([
      { ...child, dies: { after: 2, when: "afterwards" } },
      { ...child, dies: { after: 2, when: "before" } },
      { ...child, dies: { after: 3, when: "during" } },
    ]);
    const stored = (await lab.numbers()).length;
    expect(stored).toBeGreaterThanOrEqual(2500);
    expect(stored).toBeLessThan(6000);
    await at.run();
    await at.hasStored(6000);
  });

  it("[S1] stores again what may not have been stored, and not what was", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic);
    let failures = 0;
    // A commit whose answer was lost.
    lab.afterAppend = async ({ updates }) => {
      if (updates.some(({ items }) => items) && failures++ % 2 === 0) throw new CodedError("unknown_outcome");
    };
    const running = await at.run();
    await kafka.send(topic, records(0, 2000));
    await at.hasStored(2000);
    expect(failures).toBeGreaterThan(2);
    expect(running.health().failures).toBe(0);
  });

  it("[S1] shares the partitions with another member of the group, which comes and goes, each message once", async () => {
    const { kafka, topic } = at;
    await kafka.createTopic(topic, 4);
    let sent = 0;
    let isOver = false;
    const sending = (async () => {
      while (!isOver) {
        await kafka.send(
          topic,
          records(sent, sent + 40).map((record, i) => ({ ...record, partition: i % 4 })),
        );
        sent += 40;
        await sleep(10);
      }
    })();
    const first = await at.run();
    await works(first);
    const second = await at.run();
    await works(second);
    await vi.waitFor(() => expect(second.health().readings).toBeGreaterThan(100), WAIT);
    await second.stop();
    const before = first.health().readings;
    await vi.waitFor(() => expect(first.health().readings).toBeGreaterThan(before + 200), WAIT);
    const third = await at.run({ policy: { sample: 1_000_000 } });
    await vi.waitFor(() => expect(third.health().readings).toBeGreaterThan(100), WAIT);
    await first.stop();
    isOver = true;
    await sending;
    await at.hasStored(sent);
  });

  it("[S1] refuses what a member stores late, when its partitions are another's", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic, 2);
    await kafka.send(topic, [...records(0, 10), ...records(10, 20, 1)]);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isHeld = false;
    lab.beforeAppend = async ({ updates }) => {
      if (isHeld || !updates.some(({ items }) => items)) return;
      isHeld = true;
      await held;
    };
    const first = await at.run();
    await vi.waitFor(() => expect(isHeld).toBe(true), WAIT);
    await first.stop();
    await at.run();
    await at.hasStored(20);
    letGo();
    await sleep(0);
    // What is appended afterwards is stored after it.
    await lab.log.append({ updates: [{ ch: "others", set: {} }] });
    await at.hasStored(20);
  });

  it("[S2] waits for a topic that is not there, and reads all of it", async () => {
    const { kafka, topic } = at;
    const running = await at.run({ from: "latest" });
    await fails(running, `The topic ${topic} does not exist`);
    await kafka.createTopic(topic);
    await kafka.send(topic, records(0, 10));
    running.running.tryNow("events");
    await at.hasStored(10);
    await works(running);
  });

  it("[S1] begins anew with a topic that was deleted and made again", async () => {
    const { kafka, topic } = at;
    await kafka.createTopic(topic);
    await kafka.send(topic, records(0, 10));
    const running = await at.run({ from: "latest" });
    await works(running);
    await kafka.send(topic, records(10, 20));
    await vi.waitFor(() => expect(running.health().readings).toBe(10), WAIT);
    await kafka.deleteTopic(topic);
    await vi.waitFor(() => kafka.createTopic(topic), WAIT);
    await kafka.send(topic, records(0, 10));
    await kafka.send(topic, records(20, 50));
    await at.hasStored(50);
    // The same while nobody reads.
    await running.stop();
    await kafka.deleteTopic(topic);
    await vi.waitFor(() => kafka.createTopic(topic, 2), WAIT);
    await kafka.send(topic, [...records(50, 60), ...records(60, 61, 1)]);
    await at.run({ from: "latest" });
    await at.hasStored(61);
  });

  it("reads a partition that is added, from its beginning", async () => {
    const { kafka, topic } = at;
    await kafka.createTopic(topic);
    const running = await at.run({ from: "latest" });
    await works(running);
    await kafka.addPartition(topic);
    await kafka.send(topic, [...records(0, 5, 1), ...records(5, 10)]);
    await at.hasStored(10);
    expect(await at.lab.reasons("events")).toEqual([]);
  });

  it("[S2] goes on at the oldest message that is left, and says how many are gone", async () => {
    const { kafka, topic } = at;
    await kafka.createTopic(topic);
    await kafka.send(topic, records(100, 110));
    const first = await at.run({ from: "latest" });
    await works(first);
    await first.stop();
    await kafka.send(topic, [...records(110, 130), ...records(0, 10)]);
    await kafka.forget(topic, 0, 30);
    const running = await at.run();
    await at.hasStored(10);
    expect(running.health()).toMatchObject({
      state: "works",
      rejected: 20,
      lastRejection: "20 messages were deleted before they were read",
    });
  });

  it("[S2] goes on, too, when messages are deleted while the log takes none", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    lab.beforeAppend = () => held;
    const running = await at.run();
    await kafka.send(topic, records(0, 1));
    await vi.waitFor(() => expect(running.health().lagMs).not.toBeNull(), WAIT);
    await kafka.send(topic, [...records(100, 110), ...records(1, 10)]);
    await kafka.forget(topic, 0, 11);
    letGo();
    await at.hasStored(10);
    expect(running.health()).toMatchObject({ state: "works", rejected: 10 });
    expect(await lab.reasons("events")).toEqual([]);
  });

  it.skipIf(isOthers)(
    "[S2] a broker that is not there at first, is killed, or hangs: it is waited for",
    async () => {
      const { kafka, lab, topic } = at;
      await kafka.createTopic(topic, 2);
      await kafka.send(topic, records(0, 10));
      await kafka.kill9();
      const running = await at.run();
      // What it waits between its tries is not what is tested here.
      const again = () =>
        vi.waitFor(() => {
          running.running.tryNow("events");
          expect(running.health()).toMatchObject({ state: "works", reason: null });
        }, WAIT);
      await fails(running, /ECONNREFUSED/);
      await kafka.start();
      await again();
      await at.hasStored(10);
      await kafka.send(topic, records(10, 20, 1));
      await at.hasStored(20);
      await kafka.kill9();
      await fails(running, /./);
      await kafka.start();
      await kafka.send(topic, records(20, 30));
      await again();
      await at.hasStored(30);
      kafka.stall();
      await fails(running, "Request timed out");
      kafka.resume();
      await kafka.send(topic, records(30, 40, 1));
      await again();
      await at.hasStored(40);
      expect((await lab.reasons("events")).at(-1)).toBe("");
    },
  );

  it.skipIf(isOthers)("[S2] stops within seconds while the broker hangs", async () => {
    const { kafka, topic } = at;
    await kafka.createTopic(topic);
    const running = await at.run();
    await works(running);
    kafka.stall();
    const begun = performance.now();
    await running.stop();
    kafka.resume();
    expect(performance.now() - begun).toBeLessThan(8000);
  });

  it("[S1] the newest of each row is right after the store was cut off again and again", async () => {
    const { kafka, lab, topic } = at;
    await kafka.createTopic(topic, 2);
    let turn = 0;
    lab.beforeAppend = async () => {
      if (turn++ % 3 === 0) throw new CodedError("log_unavailable");
    };
    await at.run({ policy: { latest: 50 } }, things);
    for (let n = 0; n < 2000; n += 100)
      await kafka.send(
        topic,
        numbered(n, n + 100).map((value) => ({
          value: { id: `k${value.n % 10}`, n: value.n },
          partition: value.n % 2,
        })),
      );
    await vi.waitFor(async () => {
      const rows = Object.assign({}, ...(await lab.stored("things")).map((update) => update.rows));
      const newest = numbered(1990, 2000).map(({ n }) => [`k${n % 10}`, { id: `k${n % 10}`, n }]);
      expect(rows).toEqual(Object.fromEntries(newest));
    }, WAIT);
  });
});
