import { describe, expect, it } from "vitest";
import type { NewUpdate } from "@/lib/server/log/log";
import { createAggregator } from "@/lib/server/sources/aggregator";
import { defineSource, type ReadContext, type Source } from "@/lib/server/sources/define-source";
import { CodedError } from "@/lib/shared/codes";
import { defineChannel } from "@/lib/shared/define-channel";
import type { TableState } from "@/lib/shared/state";
import { ManualClock } from "../support/manual-clock";

const never = () => new Promise<never>(() => {});

function record(name: string, cadence = 1000) {
  const metrics = { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } } as const;
  return defineChannel({
    kind: "record",
    name,
    title: name,
    cadence,
    maxAge: 5 * cadence,
    filledBy: "source",
    metrics,
  });
}

type Reading = { a: number; b: number };
interface SourceOptions {
  cadence?: number;
  timeout?: number;
}

function source(name: string, read: (context: ReadContext) => Promise<Reading>, options: SourceOptions = {}) {
  return defineSource({ channel: record(name, options.cadence), timeout: options.timeout, read });
}

function run(
  sources: Source[],
  options: { publish?: () => Promise<unknown>; stateOf?: () => TableState } = {},
) {
  const clock = new ManualClock();
  const published: { at: number; updates: NewUpdate[] }[] = [];
  const lines: string[] = [];
  const log = {
    info: (_: object, line: string) => lines.push(line),
    warn: (_: object, line: string) => lines.push(line),
  };
  const aggregator = createAggregator({
    sources,
    stateOf: options.stateOf ?? (() => undefined),
    publish: async (updates) => {
      published.push({ at: clock.time, updates });
      await options.publish?.();
    },
    log: log as never,
    clock,
  });
  aggregator.start();
  const of = (ch: string) => published.flatMap(({ updates }) => updates.filter((update) => update.ch === ch));
  return { clock, published, lines, aggregator, of };
}

it("[H2] reads on common multiples of the clock, and readings of one tick share one publishing", async () => {
  const { clock, published } = run([
    source("one", async () => ({ a: 1, b: 2 })),
    source("two", async () => ({ a: 3, b: 4 }), { cadence: 2000 }),
  ]);
  await clock.pass(3700);
  expect(published.map(({ at, updates }) => [at, updates.map(({ ch }) => ch)])).toEqual([
    [1_001_000, ["one"]],
    [1_002_000, ["one", "two"]],
    [1_003_000, ["one"]],
    [1_004_000, ["one", "two"]],
  ]);
});

it("[H2] waits 50 ms for the readings of a tick, and a slower one is published by itself", async () => {
  const { clock, published } = run([
    source("quick", async () => ({ a: 1, b: 1 })),
    source("near", () => after(() => clock, 30)),
    source("slow", () => after(() => clock, 200)),
  ]);
  await clock.pass(1000);
  expect(published.map(({ at, updates }) => [at, updates.map(({ ch }) => ch)])).toEqual([
    [1_001_050, ["quick", "near"]],
    [1_001_200, ["slow"]],
  ]);
});

async function after(clock: () => ManualClock, ms: number): Promise<Reading> {
  await new Promise<void>((resolve) => clock().setTimeout(resolve, ms));
  return { a: 1, b: 1 };
}

it("publishes only what changed, and an empty set when nothing did", async () => {
  let b = 0;
  const { clock, of } = run([source("one", async () => ({ a: 1, b: Math.floor(b++ / 2) }))]);
  await clock.pass(4000);
  expect(of("one").map(({ set }) => set)).toEqual([{ a: 1, b: 0 }, {}, { b: 1 }, {}]);
});

it("[C7] a source that fails is marked with its reason and disturbs no other; then it is sent whole", async () => {
  let failing = true;
  const { clock, of, lines } = run([
    source("good", async () => ({ a: 1, b: 2 })),
    source("bad", async () => {
      if (failing) throw new Error("connect refused by postgres://me:secret@db/shop\nat line 3");
      return { a: 1, b: 2 };
    }),
  ]);
  await clock.pass(10_000);
  expect(of("good")).toHaveLength(10);
  expect(of("bad")).toEqual([{ ch: "bad", set: {}, down: "connect refused by postgres://…@db/shop" }]);
  failing = false;
  await clock.pass(16_000);
  expect(of("good")).toHaveLength(26);
  expect(of("bad")[1]).toEqual({ ch: "bad", set: { a: 1, b: 2 } });
  expect(of("bad").at(-1)).toEqual({ ch: "bad", set: {} });
  expect(lines).toEqual(["a source fails", "a source works again"]);
});

it("[C7] a source that hangs is cut by its timeout, and its late result is discarded", async () => {
  let reads = 0;
  let release: (reading: Reading) => void = () => {};
  let signal: AbortSignal | undefined;
  const { clock, of } = run([
    source("good", async () => ({ a: 1, b: 2 })),
    source(
      "hung",
      (context) => {
        reads += 1;
        if (reads > 1) return Promise.resolve({ a: 7, b: 7 });
        signal = context.signal;
        return new Promise<Reading>((resolve) => {
          release = resolve;
        });
      },
      { timeout: 2500 },
    ),
  ]);
  await clock.pass(3000);
  expect(of("good")).toHaveLength(3);
  expect(of("hung")).toEqual([]);
  expect(signal?.aborted).toBe(false);
  await clock.pass(300);
  expect(signal?.aborted).toBe(true);
  expect(of("hung")).toEqual([{ ch: "hung", set: {}, down: "No answer within 2.5 s" }]);
  release({ a: 666, b: 666 });
  await clock.pass(2000);
  expect(of("hung")[1]).toEqual({ ch: "hung", set: { a: 7, b: 7 } });
  expect(JSON.stringify(of("hung"))).not.toContain("666");
});

it("a source never overlaps itself", async () => {
  let running = 0;
  let most = 0;
  const { clock, of } = run([
    source("slow", async () => {
      most = Math.max(most, ++running);
      await after(() => clock, 2400);
      running -= 1;
      return { a: 1, b: 1 };
    }),
  ]);
  await clock.pass(12_200);
  expect(most).toBe(1);
  expect(of("slow")).toHaveLength(4);
});

it("a source that ignores its signal does not pile up reads", async () => {
  let reads = 0;
  const { clock } = run([
    source(
      "deaf",
      () => {
        reads += 1;
        return never();
      },
      { timeout: 500 },
    ),
  ]);
  await clock.pass(3_600_000);
  expect(reads).toBe(4);
});

it("a failing source is tried again with growing waits of at most half a minute, and told at most every 30 s", async () => {
  const times: number[] = [];
  const { clock, of } = run([
    source("bad", async () => {
      times.push(clock.time);
      throw new Error("refused");
    }),
  ]);
  await clock.pass(300_000);
  const waits = times.slice(1).map((time, i) => (time - times[i]!) / 1000);
  expect(waits.slice(0, 6)).toEqual([1, 2, 4, 7, 13, 23]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(31);
  expect(of("bad").length).toBeGreaterThan(4);
  expect(of("bad").length).toBeLessThanOrEqual(10);
});

it("[H5] after a failed publishing the reading is sent whole, and a table's vanished rows are deleted", async () => {
  const table = defineChannel({
    kind: "table",
    name: "table",
    title: "Table",
    cadence: 1000,
    maxAge: 5000,
    filledBy: "source",
    key: "id",
    columns: { id: { title: "Id", type: "text" }, n: { title: "N", type: "number" } },
  });
  let tick = 0;
  const rows = [
    [{ id: "x", n: 1 }],
    [
      { id: "x", n: 1 },
      { id: "y", n: 2 },
    ],
    [{ id: "y", n: 2 }],
    [{ id: "y", n: 3 }],
  ];
  const { clock, of } = run(
    [
      source("one", async () => ({ a: 1, b: 2 })),
      defineSource({ channel: table, read: async () => rows[tick++]! }),
    ],
    {
      publish: async () => {
        if (tick === 2) throw new CodedError("log_unavailable");
      },
      // What a restarted server finds in its log.
      stateOf: () => ({ kind: "table", asOf: 1, rows: { x: { id: "x", n: 1 }, old: { id: "old", n: 0 } } }),
    },
  );
  await clock.pass(4000);
  expect(of("one").map(({ set }) => set)).toEqual([{ a: 1, b: 2 }, {}, { a: 1, b: 2 }, {}]);
  expect(of("table").map((update) => update.rows)).toEqual([
    { old: null, x: { id: "x", n: 1 } },
    { y: { id: "y", n: 2 } },
    { x: null, old: null, y: { id: "y", n: 2 } },
    { y: { n: 3 } },
  ]);
});

it("goes on reading while publishing fails, and says so once", async () => {
  let failing = true;
  const { clock, of, lines } = run([source("one", async () => ({ a: 1, b: 2 }))], {
    publish: async () => {
      if (failing) throw new Error("out of reach");
    },
  });
  await clock.pass(10_000);
  expect(of("one").map(({ set }) => set)).toEqual(Array.from({ length: 10 }, () => ({ a: 1, b: 2 })));
  expect(lines).toEqual(["readings cannot be published"]);
  failing = false;
  await clock.pass(2000);
  expect(
    of("one")
      .slice(-2)
      .map(({ set }) => set),
  ).toEqual([{ a: 1, b: 2 }, {}]);
});

it("a publishing that hangs lets nothing pile up, and afterwards all goes on", async () => {
  let hang = true;
  let release = () => {};
  let reads = 0;
  const { clock, published, of } = run(
    [source("one", async () => ({ a: ++reads, b: 2 })), source("late", () => after(() => clock, 300))],
    {
      publish: () =>
        hang
          ? new Promise<void>((resolve) => {
              release = resolve;
            })
          : Promise.resolve(),
    },
  );
  await clock.pass(600_000);
  expect(published).toHaveLength(1);
  expect(reads).toBe(1);
  expect(clock.pending).toBeLessThanOrEqual(2);
  hang = false;
  release();
  await clock.pass(2000);
  expect(of("late").length).toBeGreaterThanOrEqual(2);
  expect(of("one").map(({ set }) => set)).toEqual([{ a: 1, b: 2 }, { a: 2 }, { a: 3 }]);
});

it("goes on at its cadence when the clock is set back or forward", async () => {
  const { clock, published } = run([source("one", async () => ({ a: 1, b: 2 }))]);
  await clock.pass(2000);
  clock.set(clock.time - 3_600_000);
  await clock.pass(5000);
  expect(published.length).toBeGreaterThanOrEqual(5);
  clock.set(clock.time + 7_200_450);
  await clock.pass(5000);
  expect(published.length).toBeGreaterThanOrEqual(10);
  expect(published.length).toBeLessThanOrEqual(12);
  expect(published.slice(-4).map(({ at }) => at % 1000)).toEqual([0, 0, 0, 0]);
});

it("does not tick twice when a timer fires early", async () => {
  const { clock, published } = run([source("one", async () => ({ a: 1, b: 2 }))]);
  for (let i = 0; i < 10; i += 1) {
    clock.set(clock.time - 1);
    await clock.pass(1000);
  }
  expect(published).toHaveLength(10);
});

it("publishes nothing once it is stopped, aborts its reads, and waits for what is under way", async () => {
  let signal: AbortSignal | undefined;
  let release = () => {};
  const { clock, published, aggregator, lines } = run(
    [
      source("one", async () => ({ a: 1, b: 2 })),
      // Waits for its turn when the stop comes.
      source("late", () => after(() => clock, 100)),
      source("slow", (context) => {
        signal = context.signal;
        return never();
      }),
    ],
    {
      publish: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    },
  );
  await clock.pass(800);
  let stopped = false;
  const stopping = aggregator.stop().then(() => {
    stopped = true;
  });
  await clock.pass(1000);
  expect([published.length, signal?.aborted, stopped]).toEqual([1, true, false]);
  release();
  await stopping;
  await clock.pass(60_000);
  expect(published).toHaveLength(1);
  expect(clock.pending).toBe(0);
  expect(lines).toEqual([]);
});

it("does not wait longer than five seconds for a publishing that hangs when it stops", async () => {
  const { clock, aggregator } = run([source("one", async () => ({ a: 1, b: 2 }))], { publish: never });
  await clock.pass(800);
  const stopping = aggregator.stop();
  await clock.pass(5000);
  await stopping;
});

describe("how a source is", () => {
  const healthOf = (aggregator: ReturnType<typeof run>["aggregator"], channel: string) =>
    aggregator.health().find((health) => health.channel === channel)!;

  it("[S3] says what it does, why it fails and when it is tried next, and leaves the others alone", async () => {
    let failing = false;
    const { clock, aggregator } = run([
      source("good", async () => ({ a: 1, b: 2 })),
      source("bad", async () => {
        if (failing) throw new Error("refused");
        return { a: 1, b: 2 };
      }),
    ]);
    expect(healthOf(aggregator, "bad")).toMatchObject({
      state: "starting",
      lastTry: null,
      lastSuccess: null,
    });
    await clock.pass(2700);
    const good = { state: "works", failures: 0, reason: null, nextTry: null };
    expect(healthOf(aggregator, "bad")).toMatchObject({ ...good, readings: 3, lastSuccess: 1_003_000 });
    failing = true;
    await clock.pass(3000);
    expect(healthOf(aggregator, "bad")).toMatchObject({
      ...{ state: "fails", failures: 2, reason: "refused", readings: 3 },
      ...{ lastSuccess: 1_003_000, lastTry: 1_005_000, nextTry: 1_007_000 },
    });
    expect(healthOf(aggregator, "good")).toMatchObject({ ...good, readings: 6 });
    failing = false;
    await clock.pass(2000);
    expect(healthOf(aggregator, "bad")).toMatchObject({ ...good, readings: 5 });
  });

  it("[S3] is known to be bad while it hangs and is not asked any more, with the time of its next turn", async () => {
    const { clock, aggregator } = run([source("deaf", never, { timeout: 500 })]);
    await clock.pass(3_600_000);
    const { state, reason, nextTry } = healthOf(aggregator, "deaf");
    expect([state, reason]).toEqual(["fails", "No answer within 0.5 s"]);
    expect(nextTry).toBeGreaterThan(clock.time - 1000);
  });

  it("[S3] is found out at once when somebody asks, and goes on at its cadence once it works", async () => {
    let failing = true;
    const times: number[] = [];
    const { clock, aggregator, of } = run([
      source("bad", async () => {
        times.push(clock.time);
        if (failing) throw new Error("refused");
        return { a: 1, b: 2 };
      }),
    ]);
    await clock.pass(60_000);
    const { nextTry, failures } = healthOf(aggregator, "bad");
    expect(nextTry! - clock.time).toBeGreaterThan(5000);
    aggregator.tryNow("bad");
    aggregator.tryNow("bad");
    aggregator.tryNow("no such source");
    await clock.pass(0);
    expect(healthOf(aggregator, "bad").failures).toBe(failures + 1);
    failing = false;
    const { length } = times;
    aggregator.tryNow("bad");
    await clock.pass(0);
    expect(times).toHaveLength(length + 1);
    expect(of("bad").at(-1)).toEqual({ ch: "bad", set: { a: 1, b: 2 } });
    await clock.pass(3000);
    expect(times).toHaveLength(length + 4);
    expect(times.slice(-3).map((time) => time % 1000)).toEqual([0, 0, 0]);
  });

  it("[S3] keeps the time that it says, also when a try out of turn brought that forward", async () => {
    const times: number[] = [];
    const { clock, aggregator } = run([
      source("bad", async () => {
        times.push(clock.time);
        throw new Error("refused");
      }),
    ]);
    clock.random = () => 0.99;
    await clock.pass(60_000);
    clock.random = () => 0;
    aggregator.tryNow("bad");
    await clock.pass(0);
    const { nextTry } = healthOf(aggregator, "bad");
    await clock.pass(nextTry! - clock.time);
    expect(times.at(-1)).toBe(nextTry);
  });

  it("[S2] one that hangs is not asked again by asking, and after the end nothing is", async () => {
    let reads = 0;
    const { clock, aggregator } = run([
      source("slow", () => {
        reads += 1;
        return never();
      }),
    ]);
    await clock.pass(1000);
    for (let i = 0; i < 10; i++) aggregator.tryNow("slow");
    await clock.pass(0);
    expect(reads).toBe(1);
    await clock.pass(3_600_000);
    for (let i = 0; i < 10; i++) aggregator.tryNow("slow");
    expect(reads).toBe(4);
    await aggregator.stop();
    aggregator.tryNow("slow");
    await clock.pass(100_000);
    expect([reads, clock.pending]).toEqual([4, 0]);
  });
});

it("[S3] a source that fails stays what it is when its readings are to be sent whole", async () => {
  const times: number[] = [];
  const { clock, aggregator, of } = run([
    source("bad", async () => {
      times.push(clock.time);
      throw new Error("refused");
    }),
  ]);
  await clock.pass(10_000);
  const { failures, nextTry } = aggregator.health()[0]!;
  const told = of("bad").length;
  aggregator.startOver();
  await clock.pass(nextTry! - clock.time);
  expect(aggregator.health()[0]!.failures).toBe(failures + 1);
  expect(aggregator.health()[0]!.nextTry! - clock.time).toBeGreaterThan(5000);
  // Viewers are told again, as what they were told is gone.
  expect(of("bad")).toHaveLength(told + 1);
});

it("[S2] a feed's items that could not be published are not lost when readings are to be sent whole", async () => {
  const feed = defineChannel({
    kind: "feed",
    name: "feed",
    title: "Feed",
    cadence: 1000,
    maxAge: 5000,
    keep: 10,
    filledBy: "source",
    fields: { n: { title: "N", type: "number" } },
  });
  let n = 0;
  let failing = true;
  const { clock, aggregator, of } = run([defineSource({ channel: feed, read: async () => [{ n: ++n }] })], {
    publish: async () => {
      if (failing) throw new CodedError("log_unavailable");
    },
  });
  await clock.pass(2000);
  aggregator.startOver();
  failing = false;
  await clock.pass(1000);
  expect(of("feed").at(-1)!.items).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});
