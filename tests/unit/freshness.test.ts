import fc from "fast-check";
import { expect, it } from "vitest";
import { dataAge, freshness } from "@/lib/shared/freshness";

it.each([
  [0, 10_000, "live"],
  [10_000, 10_000, "live"],
  [10_001, 10_000, "late"],
  [30_000, 10_000, "late"],
  [30_001, 10_000, "stale"],
  [100_000, 10_000, "stale"],
  [100_001, 10_000, "lost"],
  // Ten times a short promise would call a page lost that has merely hiccuped.
  [59_999, 1000, "stale"],
  [60_001, 1000, "lost"],
] as const)("[C7] data %d ms old against a promise of %d ms is %s", (age, maxAge, expected) => {
  expect(freshness(age, maxAge, true)).toBe(expected);
});

it("[C7] does not guess: no data is empty, and without the server's clock the age is unknown", () => {
  expect(freshness(null, 1000, true)).toBe("empty");
  expect(freshness(undefined, 1000, true)).toBe("unknown");
  expect(dataAge(null, 5000)).toBeNull();
  expect(dataAge(undefined, 5000)).toBeNull();
  expect(dataAge(null, undefined)).toBeNull();
  expect(dataAge(4000, undefined)).toBeUndefined();
});

it("[C7] counts age on the server's clock, and never less than nothing", () => {
  expect(dataAge(4000, 5000)).toBe(1000);
  expect(dataAge(6000, 5000)).toBe(0);
});

it("[C7] only gets worse as data grows older", () => {
  const order = ["live", "late", "stale", "lost"];
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({ min: 1, max: 1e5 }), (age, more, maxAge) => {
      const [before, after] = [freshness(age, maxAge, true), freshness(age + more, maxAge, true)];
      expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
    }),
  );
});

it("[C7] young data is only held, not live, while the connection is not", () => {
  expect(freshness(500, 1000, false)).toBe("held");
  expect(freshness(1500, 1000, false)).toBe("late");
});
