import { expect, it } from "vitest";
import type { RangeAnswer, RangeRequest } from "@/lib/server/history/archive";
import { createHistoryReader } from "@/lib/server/history/history-reader";
import { defineChannel } from "@/lib/shared/define-channel";

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;
const metrics = { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } } as const;
const common = {
  kind: "record",
  title: "X",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "ingest",
  metrics,
} as const;

function setUp() {
  const asked: {
    request: RangeRequest;
    answer: (answer: RangeAnswer) => void;
    fail: (error: Error) => void;
  }[] = [];
  const clock = { now: NOW };
  let passes = 0;
  const read = createHistoryReader({
    archive: {
      range: (request) => new Promise((answer, fail) => asked.push({ request, answer, fail })),
    },
    archivist: {
      catchUp: async () => {
        passes += 1;
      },
    },
    channels: [defineChannel({ ...common, name: "x" }), defineChannel({ ...common, name: "y" })],
    retention: [2 * HOUR, 48 * HOUR, 720 * HOUR, 17_520 * HOUR],
    now: () => clock.now,
  });
  const query = (channel: string, names = ["a"], hours = 1) =>
    read({ channel, metrics: names, from: clock.now - hours * HOUR, to: clock.now, points: 300 });
  return { asked, caughtUp: () => passes, clock, query };
}

const EMPTY: RangeAnswer = { until: NOW, metrics: {}, outages: [] };
const turn = () => new Promise((resolve) => setImmediate(resolve));

it("[A3] many who ask for the same at once share one answer, and others do not", async () => {
  const { asked, query } = setUp();
  const same = Array.from({ length: 50 }, () => query("x"));
  const others = [query("y"), query("x", ["b"]), query("x", ["a"], 24)];
  await turn();
  expect(asked.map(({ request }) => [request.channel, request.metrics.join()])).toEqual([
    ["x", "a"],
    ["y", "a"],
    ["x", "b"],
    ["x", "a"],
  ]);
  for (const { answer } of asked) answer(EMPTY);
  expect(new Set(await Promise.all(same)).size).toBe(1);
  await Promise.all(others);
  // Who asks afterwards has a new one.
  const later = query("x");
  await turn();
  expect(asked).toHaveLength(5);
  asked[4]!.answer(EMPTY);
  await later;
});

it("[A3] an answer that failed is shared too, and not kept", async () => {
  const { asked, query } = setUp();
  const both = [query("x"), query("x")];
  for (const one of both) one.catch(() => {});
  await turn();
  asked[0]!.fail(new Error("gone"));
  for (const one of both) await expect(one).rejects.toThrow("gone");
  const again = query("x");
  await turn();
  expect(asked).toHaveLength(2);
  asked[1]!.answer(EMPTY);
  expect((await again).channel).toBe("x");
});

it("[A3] a clock that was far ahead neither says what the archive has, nor keeps answers from being up to date", async () => {
  const { asked, caughtUp, clock, query } = setUp();
  const ask = async (until: number) => {
    const answered = query("x");
    await turn();
    asked.at(-1)!.answer({ ...EMPTY, until });
    return (await answered).until;
  };
  // The archive believes it until its next batch.
  expect(await ask(NOW + 24 * HOUR)).toBe(NOW);
  clock.now += 60_000;
  // Nodes' clocks differ a little.
  expect(await ask(clock.now + 1000)).toBe(clock.now + 1000);
  expect(caughtUp()).toBe(2);
  clock.now += 24 * HOUR;
  await ask(clock.now);
  clock.now = NOW;
  await ask(NOW);
  expect(caughtUp()).toBe(4);
});
