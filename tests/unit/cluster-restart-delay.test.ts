import { expect, it } from "vitest";
import { afterUnexpectedEnd } from "@/lib/cluster/restart-delay";

it("a process that ends again and again is started after longer and longer waits, up to half a minute", () => {
  let known = { failures: 0 };
  const waits = Array.from({ length: 9 }, () => {
    const { waitMs, failures } = afterUnexpectedEnd(known, 100, 0.999999);
    known = { failures };
    return Math.round(waitMs);
  });
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it("the wait differs by chance, down to half of it", () => {
  expect(afterUnexpectedEnd({ failures: 3 }, 100, 0).waitMs).toBe(2000);
  expect(afterUnexpectedEnd({ failures: 3 }, 100, 0.5).waitMs).toBe(3000);
});

it("a process that ran well before is started at once again", () => {
  expect(afterUnexpectedEnd({ failures: 8 }, 10_000, 0)).toEqual({ failures: 1, waitMs: 250 });
});
