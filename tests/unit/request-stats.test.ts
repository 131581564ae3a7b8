import { expect, it } from "vitest";
import { createRequestStats } from "@/lib/server/http/request-stats";

function setUp(start = 1_000_000) {
  const clock = { now: start };
  return { clock, stats: createRequestStats(() => clock.now) };
}

it("says nothing about response times and errors when there were no requests", () => {
  const { stats } = setUp();
  expect(stats.read()).toEqual({
    ...{ perSecond: 0, count: 0, bands: new Array(9).fill(0) },
    ...{ average: null, p95: null, p99: null, errorRate: null },
  });
});

it("averages the requests per second over the last five whole seconds", () => {
  const { clock, stats } = setUp();
  for (let second = 0; second < 20; second += 1) {
    for (let i = 0; i < (second < 10 ? 40 : 7); i += 1) stats.record(1, 200);
    clock.now += 1000;
    if (second === 1) expect(stats.read().perSecond).toBe(40);
  }
  expect(stats.read().perSecond).toBe(7);
  clock.now += 3000;
  expect(stats.read().perSecond).toBe((2 * 7) / 5);
});

it("gives average, percentiles within five percent, and the share of server errors", () => {
  const { stats } = setUp();
  for (let ms = 1; ms <= 1000; ms += 1) stats.record(ms, ms <= 20 ? 500 : ms <= 60 ? 404 : 200);
  const { average, p95, p99, errorRate } = stats.read();
  expect(average).toBeCloseTo(500.5);
  expect(p95).toBeGreaterThanOrEqual(950);
  expect(p95).toBeLessThanOrEqual(950 * 1.05);
  expect(p99).toBeGreaterThanOrEqual(990);
  expect(p99).toBeLessThanOrEqual(990 * 1.05);
  expect(errorRate).toBeCloseTo(2);
});

it("forgets what is more than a minute old", () => {
  const { clock, stats } = setUp();
  stats.record(5000, 500);
  clock.now += 30_000;
  stats.record(10, 200);
  expect(stats.read().average).toBe(2505);
  clock.now += 30_000;
  expect(stats.read()).toMatchObject({ average: 10, errorRate: 0 });
  clock.now += 30_000;
  expect(stats.read().average).toBeNull();
});

it("takes any duration, and counts on after a pause longer than its window", () => {
  const { clock, stats } = setUp();
  for (const ms of [0, 0.001, 1e9]) stats.record(ms, 200);
  expect(stats.read().p99).toBeGreaterThan(200_000);
  clock.now += 3_600_000;
  stats.record(2, 200);
  expect(stats.read()).toMatchObject({ average: 2, errorRate: 0 });
});

it("sorts the requests of the last five whole seconds into bands by response time", () => {
  const { clock, stats } = setUp();
  clock.now += 10_000;
  const times = [0, 4.9, 5, 9.9, 24, 49, 99, 100, 249, 499, 999, 1000, 60_000];
  for (let second = 0; second < 5; second += 1) {
    for (const ms of times) stats.record(ms, 200);
    clock.now += 1000;
  }
  expect(stats.read().bands).toEqual([2, 2, 1, 1, 1, 2, 1, 1, 2]);
  expect(stats.read().perSecond).toBe(times.length);
  clock.now += 5000;
  expect(stats.read().bands).toEqual(new Array(9).fill(0));
});
