import fc from "fast-check";
import { expect, it } from "vitest";
import { TokenBuckets } from "@/lib/server/http/token-buckets";

it("[H4] grants a burst at once, and then so many a second", () => {
  const buckets = new TokenBuckets({ burst: 3, perSecond: 2 });
  expect([0, 0, 0, 0].map((now) => buckets.take("a", now))).toEqual([0, 0, 0, 500]);
  expect(buckets.take("a", 499)).toBeGreaterThan(0);
  expect(buckets.take("a", 1000)).toBe(0);
  expect(buckets.take("b", 1000)).toBe(0);
});

it("[H4] lets what is larger than a burst pass once, and has it paid for", () => {
  const buckets = new TokenBuckets({ burst: 10, perSecond: 10 });
  expect(buckets.take("a", 0, 110)).toBe(0);
  const wait = buckets.take("a", 0, 1);
  expect(wait).toBe(10_100);
  expect(buckets.take("a", wait - 101)).toBeGreaterThan(0);
  expect(buckets.take("a", wait + 1)).toBe(0);
});

it("[H4] keeps the rate in the long run, whatever is asked for and when", () => {
  const asks = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 30 })), { minLength: 1 });
  fc.assert(
    fc.property(asks, (list) => {
      const options = { burst: 20, perSecond: 50 };
      const buckets = new TokenBuckets(options);
      let now = 0;
      let granted = 0;
      for (const [pause, amount] of list) {
        now += pause;
        const allowed = options.burst + (options.perSecond * now) / 1000;
        if (buckets.take("a", now, amount) > 0) continue;
        // Only the last grant may exceed what has flowed in.
        expect(granted).toBeLessThan(allowed + 1e-6);
        granted += amount;
      }
    }),
  );
});

it("[H4] says a wait after which the next is granted", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 100 }), (amount, perSecond) => {
      const buckets = new TokenBuckets({ burst: 5, perSecond });
      buckets.take("a", 0, 5 + amount);
      const wait = buckets.take("a", 0);
      expect(wait).toBeGreaterThan(0);
      expect(buckets.take("a", wait + 1e-3)).toBe(0);
    }),
  );
});

it("[H4] remembers a bounded number of keys, and forgets the one used longest ago", () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001, maxKeys: 100 });
  buckets.take("mine", 0);
  for (let n = 0; n < 1000; n++) {
    buckets.take(`other ${n}`, 0);
    expect(buckets.take("mine", 0)).toBeGreaterThan(0);
  }
  expect(buckets.size).toBe(100);
  expect(buckets.take("other 0", 0)).toBe(0);
});
