import fc from "fast-check";
import { expect, it } from "vitest";
import { ConnectionLimits } from "@/lib/server/http/connection-limits";

const isIn = (entered: unknown): entered is () => void => typeof entered === "function";

it("[H4] takes so many in total, whoever they are", () => {
  const limits = new ConnectionLimits({ total: 3, perAddress: 2 });
  const entered = ["a", "b", "c"].map((address) => limits.enter(address, 0, true));
  expect(entered.every(isIn)).toBe(true);
  expect(limits.enter("d", 0, true)).toEqual({ code: "server_full" });
  (entered[0] as () => void)();
  expect(isIn(limits.enter("d", 0, true))).toBe(true);
});

it("[H4] takes so many from one address, and others go on", () => {
  const limits = new ConnectionLimits({ total: 100, perAddress: 2 });
  const [first] = [limits.enter("a", 0, true), limits.enter("a", 0, true)];
  expect(limits.enter("a", 0, true)).toEqual({ code: "too_many_connections" });
  expect(isIn(limits.enter("b", 0, true))).toBe(true);
  (first as () => void)();
  expect(isIn(limits.enter("a", 60_000, true))).toBe(true);
});

it("[H4] lets an address open all its connections at once, but not again and again", () => {
  const limits = new ConnectionLimits({ total: 1000, perAddress: 80 });
  const openAll = (now: number) => Array.from({ length: 80 }, () => limits.enter("office", now, true));
  const entered = openAll(0);
  expect(entered.every(isIn)).toBe(true);
  for (const leave of entered) (leave as () => void)();
  const again = openAll(0);
  expect(again.filter(isIn)).toEqual([]);
  expect(again[0]).toEqual({ code: "too_many_connections", waitMs: expect.any(Number) });
  // Two a second from then on; a refused one costs nothing.
  expect(openAll(5000).filter(isIn)).toHaveLength(10);
  expect(isIn(limits.enter("other", 0, true))).toBe(true);
});

it("[H4] lets those who only go on do so", () => {
  const limits = new ConnectionLimits({ total: 1000, perAddress: 10 });
  for (let n = 0; n < 500; n++) {
    const leave = limits.enter("a", 0, false);
    expect(isIn(leave)).toBe(true);
    (leave as () => void)();
  }
});

it("[H4] ends at zero when all have left, in any order and also twice", () => {
  const steps = fc.array(fc.record({ address: fc.constantFrom("a", "b", "c"), leave: fc.nat(30) }));
  fc.assert(
    fc.property(steps, (list) => {
      const limits = new ConnectionLimits({ total: 20, perAddress: 8 });
      const inside: (() => void)[] = [];
      for (const { address, leave } of list) {
        const entered = limits.enter(address, 0, false);
        if (isIn(entered)) inside.push(entered);
        inside[leave]?.();
      }
      expect(limits.total).toBeLessThanOrEqual(20);
      for (const leave of inside) {
        leave();
        leave();
      }
      expect([limits.total, limits.addresses]).toEqual([0, 0]);
    }),
  );
});
