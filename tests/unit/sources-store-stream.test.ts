import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppendRequest, NewUpdate } from "@/lib/server/log/log";
import { storeStream } from "@/lib/server/sources/store-stream";
import { CodedError } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import type { Policy } from "@/lib/shared/sources/options";
import { ManualClock, settled } from "../support/manual-clock";
import { type Fate, ModelLog } from "../support/model-log";
import { feed, message, record, runScript, table } from "../support/scripted-stream";

const item = (n: number): NewUpdate => ({ ch: "orders", items: [{ n }] });
const place = (from: number, to: number) => ({ of: "t/0", after: `${from}-0`, to: `${to}-0` });
const numbers = (updates: readonly NewUpdate[]) => updates.flatMap(({ items }) => items?.map(({ n }) => n));

function store(policy: Policy = "every", channel: Channel = feed) {
  const clock = new ManualClock();
  const log = new ModelLog();
  const abort = new AbortController();
  const told: string[] = [];
  let done = 0;
  const requests: AppendRequest[] = [];
  const stream = storeStream({
    ...{ channel, policy, clock, signal: abort.signal, ownPlace: "source/orders" },
    append: (request) => {
      requests.push(request);
      return log.append(request);
    },
    stuck: (error) => told.push((error as CodedError).code),
    failed: (error) => told.push(`failed: ${(error as CodedError).code}`),
    done: (updates) => {
      done += updates;
    },
  });
  return { clock, log, abort, told, requests, stream, done: () => done };
}

describe("what a stream hands on", () => {
  it("[S2] waits while the log is out of reach, and then is stored in order, and nothing else meanwhile", async () => {
    const { clock, log, stream, told, done } = store();
    log.fates = ["log_unavailable", "log_busy", "storage_full", "overloaded", "log_unavailable"];
    let room = 0;
    for (let n = 0; n < 3; n++)
      void stream.take([item(n)], place(n, n + 1)).then(() => {
        room += 1;
      });
    await clock.pass(0);
    expect([log.appends, room]).toEqual([1, 0]);
    await clock.pass(60_000);
    expect(numbers(log.updates)).toEqual([0, 1, 2]);
    expect(told).toEqual(["log_unavailable", "log_busy", "storage_full", "overloaded", "log_unavailable"]);
    expect([room, done(), log.appends]).toEqual([3, 3, 8]);
  });

  it("[S2] tries again with random pauses that grow to five seconds, and no further", async () => {
    const { clock, log, stream } = store();
    clock.random = () => 0.999;
    log.fates = Array(100).fill("log_unavailable");
    const taken = stream.take([item(1)], place(0, 1));
    await clock.pass(6200);
    expect(log.appends).toBe(6);
    await clock.pass(50_000);
    expect(log.appends).toBe(16);
    expect(clock.pending).toBe(1);
    log.fates = [];
    await clock.pass(5000);
    await taken;
  });

  it("[S1] is stored once when its outcome is not known", async () => {
    const { clock, log, stream, done } = store();
    log.fates = ["kept", "lost", "kept", "ok", "lost", "lost", "kept"];
    const all = [1, 2, 3].map((n) => stream.take([item(n)], place(n - 1, n)));
    await clock.pass(60_000);
    await Promise.all(all);
    expect(numbers(log.updates)).toEqual([1, 2, 3]);
    expect(done()).toBe(3);
  });

  it("[S1] is not stored again when it comes again", async () => {
    const { log, stream, done } = store();
    await stream.take([item(1), item(2)], place(0, 2));
    await stream.take([item(1), item(2)], place(0, 2));
    await stream.take([item(2)], place(1, 2));
    expect(numbers(log.updates)).toEqual([1, 2]);
    expect(done()).toBe(2);
  });

  it("[S1] is refused, and all after it, when it cannot be stored at all", async () => {
    const { log, stream, told } = store();
    log.reached.set("t/0", "5-0");
    const first = stream.take([item(1)], place(3, 8));
    const second = stream.take([item(2)], place(8, 9));
    await expect(first).rejects.toMatchObject({ code: "place_passed" });
    await expect(second).rejects.toMatchObject({ code: "place_passed" });
    await expect(stream.take([item(3)], place(9, 10))).rejects.toMatchObject({ code: "place_passed" });
    await expect(stream.stored()).rejects.toMatchObject({ code: "place_passed" });
    expect(log.updates).toEqual([]);
    expect(told[0]).toBe("failed: place_passed");
  });

  it("[S1] is not taken for stored because somebody else counted on from the same number", async () => {
    const { log, stream } = store();
    log.reached.set("source/orders", "7-1");
    const own = { of: "source/orders", after: "7-0", to: "7-1" };
    await expect(stream.take([item(1)], own)).rejects.toMatchObject({ code: "place_passed" });
  });

  it("[S2] is refused once the stream has ended, and what waits to be tried again is given up", async () => {
    const { clock, log, stream, abort } = store();
    log.fates = Array(100).fill("log_unavailable");
    const waiting = stream.take([item(1)], place(0, 1));
    waiting.catch(() => {});
    await clock.pass(1000);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: "stopping" });
    await expect(stream.take([item(2)], place(1, 2))).rejects.toMatchObject({ code: "stopping" });
    await stream.close();
    expect([clock.pending, log.updates.length]).toEqual([0, 0]);
  });
});

describe("with the policy latest", () => {
  const set = (values: Record<string, number>): NewUpdate => ({ ch: "meter", set: values });

  it("[S2] one update a period is stored, whatever comes, and what is taken is stored when it says so", async () => {
    const { clock, log, stream, requests } = store({ latest: 1000 }, record);
    for (let n = 0; n < 10_000; n++) await stream.take([set({ a: n })], place(n, n + 1));
    expect(log.appends).toBe(0);
    let isStored = false;
    void stream.stored().then(() => {
      isStored = true;
    });
    await clock.pass(999);
    expect(isStored).toBe(false);
    await clock.pass(1);
    expect(isStored).toBe(true);
    expect(requests).toEqual([{ updates: [set({ a: 9999 })], places: [place(0, 10_000)] }]);
    await clock.pass(100_000);
    expect([log.appends, clock.pending]).toEqual([1, 0]);
  });

  it("[S2] no more is asked for than a period's messages while the log is out of reach", async () => {
    const { clock, log, stream } = store({ latest: 100 }, record);
    log.fates = Array(1000).fill("log_unavailable");
    await stream.take([set({ a: 1 })], place(0, 1));
    await clock.pass(100);
    let hasRoom = false;
    const second = stream.take([set({ a: 2 })], place(1, 2)).then(() => {
      hasRoom = true;
    });
    await clock.pass(20_000);
    expect([hasRoom, log.updates.length]).toEqual([false, 0]);
    log.fates = [];
    await clock.pass(10_000);
    await second;
    expect(log.updates).toEqual([set({ a: 1 }), set({ a: 2 })]);
  });

  it("[S1] what does not come again is stored when the connection ends before its period", async () => {
    const { clock, log, stream, abort } = store({ latest: 1000 }, record);
    await stream.take([set({ a: 7 })], { of: "source/orders", after: "9-0", to: "9-1" });
    abort.abort();
    await stream.close();
    expect(log.updates).toEqual([set({ a: 7 })]);
    await clock.pass(10_000);
    expect(log.appends).toBe(1);
  });

  it("[S1] what comes again is not, and its place does not move", async () => {
    const { log, stream, abort } = store({ latest: 1000 }, record);
    await stream.take([set({ a: 7 })], place(0, 1));
    abort.abort();
    await stream.close();
    expect([log.appends, log.reached.size]).toEqual([0, 0]);
    await expect(stream.take([set({ a: 8 })], place(1, 2))).rejects.toMatchObject({ code: "stopping" });
  });
});

describe("with the policy sample", () => {
  it("[S2] at most so many a second are stored, and the others are counted; places go on", async () => {
    const { clock, log, stream } = store({ sample: 10 });
    let dropped = 0;
    for (let n = 0; n < 500; n++) {
      dropped += await stream.take([item(n)], place(n, n + 1));
      await clock.pass(10);
    }
    expect(log.updates.length).toBeGreaterThanOrEqual(50);
    expect(log.updates.length).toBeLessThanOrEqual(60);
    expect(dropped).toBe(500 - log.updates.length);
    expect(log.reached.get("t/0")).toBe("500-0");
  });
});

describe("messages without a place", () => {
  it.each([true, false])(
    "[S1] are not lost to an append of the connection before that comes late",
    async (isFirst) => {
      const { clock, log, connections, stored, start } = runScript({ channel: feed, isDeaf: true });
      const first = await start();
      await first.context.take([message({ n: 0 })]);
      let open = () => {};
      log.gate = new Promise((resolve) => {
        open = resolve;
      });
      first.context.take([message({ n: 1 })]).catch(() => {});
      await settled();
      log.gate = undefined;
      first.end(new Error("reset"));
      await clock.pass(5000 + 500);
      expect(connections).toHaveLength(2);
      // Whichever comes first.
      if (isFirst) open();
      await settled();
      await connections[1]!.context.take([message({ n: 2 })]);
      open();
      await settled();
      await connections[1]!.context.take([message({ n: 3 })]);
      expect(numbers(stored())).toEqual(isFirst ? [0, 1, 2, 3] : [0, 2, 3]);
    },
  );

  it("[S1] wait for a log that is out of reach from the first on", async () => {
    const { clock, log, stored, start } = runScript({ channel: feed });
    const { places } = log;
    log.places = () => Promise.reject(new CodedError("log_unavailable"));
    const { context } = await start();
    const taken = [1, 2, 3].map((n) => context.take([message({ n })]));
    await clock.pass(10_000);
    log.places = places;
    await clock.pass(5000);
    await Promise.all(taken);
    expect(numbers(stored())).toEqual([1, 2, 3]);
  });

  it("[S1] go on when the server is another one, whose clock is behind", async () => {
    const log = new ModelLog();
    log.reached.set("source/orders", `${9e12}-4`);
    const { stored, start } = runScript({ channel: feed, log });
    const { context } = await start();
    for (let n = 0; n < 3; n++) await context.take([message({ n })]);
    expect(numbers(stored())).toEqual([0, 1, 2]);
  });
});

it("[S3] what is stored after the connection failed does not hide why it failed", async () => {
  const { clock, log, runner, start } = runScript();
  const { context, end } = await start();
  let open = () => {};
  log.gate = new Promise((resolve) => {
    open = resolve;
  });
  context.take([message({ a: 1 })]).catch(() => {});
  await settled();
  end(new Error("reset"));
  await clock.pass(5000);
  expect(runner.health().reason).toBe("reset");
  open();
  await settled();
  expect(runner.health()).toMatchObject({ state: "fails", reason: "reset", readings: 1 });
});

it("[S2] a full table refuses new rows, says so, and goes on taking those that it has", async () => {
  const { runner, stored, start } = runScript({ channel: table });
  const { context } = await start();
  const row = (id: string, more: object = { n: 1 }) => message({ id, ...more });
  await context.take([row("a"), row("b"), row("c"), row("d"), row("a", { n: 2 })]);
  expect(runner.health()).toMatchObject({
    rejected: 1,
    lastRejection: "The table holds as many rows as it may",
    readings: 4,
  });
  await context.take([row("a", { $delete: true }), row("d")]);
  expect(runner.health().rejected).toBe(1);
  expect(stored()).toHaveLength(6);
});

/**
 * The promise itself: a broker that sends again what it was not told to forget, connections that break at any moment,
 * and a log that fails in any way. What is in the log is what the broker has, in order, once.
 */
describe("whatever fails", () => {
  const fate = fc.constantFrom<Fate>(
    "ok",
    "ok",
    "log_busy",
    "log_unavailable",
    "storage_full",
    "lost",
    "kept",
  );
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 3000 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("break" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("anew" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("try" as const) }) },
  );

  it("[S1] each message with a place is stored once, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fate, { maxLength: 40 }),
        fc.array(step, { maxLength: 20 }),
        fc.boolean(),
        async (total, size, fates, steps, isDeaf) => {
          let breakNow = () => {};
          const script = runScript({
            channel: feed,
            run: async ({ ready, places, take, signal }) => {
              const broken = new Promise<never>((_, reject) => {
                breakNow = () => reject(new Error("reset"));
              });
              broken.catch(() => {});
              const known = await places(["t/0"]);
              ready();
              const read = async () => {
                for (let from = Number(known["t/0"]?.split("-")[0] ?? 0); from < total; from += size) {
                  const to = Math.min(total, from + size);
                  const batch = Array.from({ length: to - from }, (_, i) => message({ n: from + i }));
                  await take(batch, place(from, to));
                }
                await new Promise<void>((resolve) => {
                  if (signal.aborted) resolve();
                  else if (!isDeaf) signal.addEventListener("abort", () => resolve());
                });
              };
              await Promise.race([read(), broken]);
            },
          });
          const { clock, log, runner, stored } = script;
          log.fates = [...fates];
          runner.start();
          for (const one of steps) {
            if (one.kind === "pass") await clock.pass(one.ms);
            else if (one.kind === "break") breakNow();
            else if (one.kind === "anew") runner.startOver();
            else runner.tryNow();
            await settled();
          }
          await clock.pass(600_000);
          expect(numbers(stored())).toEqual(Array.from({ length: total }, (_, n) => n));
          const stopped = runner.stop();
          await clock.pass(10_000);
          await stopped;
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("[S1] each message without one is stored at least once, and each confirmed one before it is confirmed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fate, { maxLength: 40 }),
        fc.array(step, { maxLength: 20 }),
        async (total, fates, steps) => {
          let breakNow = () => {};
          /** The broker keeps what was not confirmed. */
          const kept = Array.from({ length: total }, (_, n) => n);
          let confirmedEarly = false;
          const script = runScript({
            channel: feed,
            run: async ({ ready, take, stored, signal }) => {
              const broken = new Promise<never>((_, reject) => {
                breakNow = () => reject(new Error("reset"));
              });
              broken.catch(() => {});
              ready();
              const read = async () => {
                while (kept.length > 0) {
                  const n = kept[0]!;
                  await take([message({ n })]);
                  await stored();
                  if (signal.aborted) return;
                  confirmedEarly ||= !numbers(script.stored()).includes(n);
                  kept.shift();
                }
                await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
              };
              await Promise.race([read(), broken]);
            },
          });
          const { clock, log, runner } = script;
          log.fates = [...fates];
          runner.start();
          for (const one of steps) {
            if (one.kind === "pass") await clock.pass(one.ms);
            else if (one.kind === "break") breakNow();
            else if (one.kind === "anew") runner.startOver();
            else runner.tryNow();
            await settled();
          }
          await clock.pass(600_000);
          await runner.stop();
          const found = numbers(script.stored());
          expect(confirmedEarly).toBe(false);
          expect([...new Set(found)]).toEqual(Array.from({ length: total }, (_, n) => n));
        },
      ),
      { numRuns: 150 },
    );
  });
});
