import fc from "fast-check";
import { expect, it } from "vitest";
import { busyness } from "@/lib/demo/catalogue";
import { poisson, randomAt } from "@/lib/demo/random";
import { openShop, type Shop, skipTo, step, timeOf } from "@/lib/demo/simulation";

const OPTIONS = { seed: 7, rate: 10 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** 18 July 2026, local time. */
const at = (hour: number, minute = 0) => new Date(2026, 6, 18, hour, minute).getTime();

it("makes the same day of the same seed, in whatever steps, and another of another seed", () => {
  const start = skipTo(openShop(OPTIONS, at(15)), at(15));
  const whole = step(start, at(15, 20));
  expect(whole.orders.length).toBeGreaterThan(100);
  fc.assert(
    fc.property(fc.array(fc.nat(20 * MINUTE), { maxLength: 5 }), (times) => {
      let shop = start;
      const orders = [];
      const notices = [];
      for (const time of [...times.sort((a, b) => a - b), 20 * MINUTE]) {
        const next = step(shop, at(15) + time);
        shop = next.shop;
        orders.push(...next.orders);
        notices.push(...next.notices);
      }
      expect({ shop, orders, notices }).toEqual(whole);
    }),
    { numRuns: 20 },
  );
  const other = { ...OPTIONS, seed: 8 };
  expect(step(skipTo(openShop(other, at(15)), at(15)), at(15, 20)).orders).not.toEqual(whole.orders);
});

it("leaves the given state as it is", () => {
  const start = skipTo(openShop(OPTIONS, at(15)), at(15));
  const copy = structuredClone(start);
  step(start, at(16));
  expect(start).toEqual(copy);
});

it("has totals that are the sums of the day's orders, in all and by region", () => {
  const { shop, orders } = step(openShop(OPTIONS, at(21)), at(21));
  const cents = (some: typeof orders) => some.reduce((sum, order) => sum + order.cents, 0);
  expect(shop.today).toMatchObject({ orders: orders.length, cents: cents(orders) });
  expect(shop.today.regions.map((region) => region.cents).reduce((a, b) => a + b)).toBe(cents(orders));
  const german = orders.filter(({ region }) => region === "Germany");
  expect(shop.today.regions[0]).toEqual({ orders: german.length, cents: cents(german) });
  expect(new Set(orders.map(({ order }) => order)).size).toBe(orders.length);
  expect(orders.at(-1)?.order).toBe(`0718-${orders.length}`);
  expect(orders.every(({ ts }, i) => ts >= (orders[i - 1]?.ts ?? at(0)) && ts < at(21))).toBe(true);
});

it("compares with yesterday at the same time of day", () => {
  const today = skipTo(openShop(OPTIONS, at(12)), at(12));
  const yesterday = skipTo(openShop(OPTIONS, at(12) - 24 * HOUR), at(12) - 24 * HOUR);
  expect(today.yesterday).toEqual(yesterday.today);
});

it("starts anew at midnight, and yesterday with it", () => {
  const evening = skipTo(openShop(OPTIONS, at(23, 50)), at(23, 50));
  const { shop, orders } = step(evening, at(24, 10));
  expect(shop.today.midnight).toBe(at(24));
  expect(shop.today.orders).toBe(orders.filter(({ ts }) => ts >= at(24)).length);
  expect(orders.some(({ ts }) => ts < at(24))).toBe(true);
  expect(shop).toEqual(skipTo(openShop(OPTIONS, at(24, 10)), at(24, 10)));
});

it("makes nothing of a clock that stands still or steps back", () => {
  const { shop } = step(openShop(OPTIONS, at(15)), at(15));
  for (const now of [at(15), at(15) + 999, at(14)])
    expect(step(shop, now)).toEqual({ shop, orders: [], notices: [] });
});

it("sells plausibly: the asked rate on average, more in the evening than at night, a likely conversion", () => {
  const day = step(openShop(OPTIONS, at(20)), at(24) - 1);
  const between = (from: number, to: number) =>
    day.orders.filter(({ ts }) => ts >= at(from) && ts < at(to)).length;
  expect(day.orders.length / (24 * 60 * OPTIONS.rate)).toBeCloseTo(1, 1);
  expect(between(19, 21)).toBeGreaterThan(4 * between(2, 4));
  const { orders, visits, newUsers } = day.shop.today;
  expect((100 * orders) / visits).toBeGreaterThan(2);
  expect((100 * orders) / visits).toBeLessThan(3.5);
  expect(newUsers).toBeLessThan(orders);
  expect(day.notices.length).toBeGreaterThan(50);
  expect(day.notices.length).toBeLessThan(1000);
  expect(new Set(day.notices.map(({ level }) => level))).toEqual(
    new Set(["good", "attention", "bad", "info"]),
  );
});

it("never converts more than all visits, not in a day's first seconds either", () => {
  let shop: Shop = openShop({ seed: 3, rate: 600 }, at(0));
  for (let second = 1; second < 300; second += 1) {
    ({ shop } = step(shop, at(0) + second * 1000));
    expect(timeOf(shop)).toBe(at(0) + second * 1000);
    expect(shop.today.visits).toBeGreaterThanOrEqual(shop.today.orders);
  }
});

it("draws evenly, and as many events as are expected", () => {
  const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b) / numbers.length;
  const draws = (draw: (i: number) => number) => Array.from({ length: 20_000 }, (_, i) => draw(i));
  expect(mean(draws((i) => randomAt(1, i)()))).toBeCloseTo(0.5, 1);
  expect(mean(draws((i) => busyness(i * 4.32)))).toBeCloseTo(1, 2);
  for (const expected of [0.1, 3, 100]) {
    const counts = draws((i) => poisson(randomAt(2, i), expected));
    const average = mean(counts);
    const variance = mean(counts.map((count) => (count - average) ** 2));
    expect(average / expected).toBeCloseTo(1, 1);
    expect(variance / expected).toBeCloseTo(1, 1);
  }
});
