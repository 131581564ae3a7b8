import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepLease, type LeaseStore } from "@/lib/server/cluster/lease-keeper";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A Redis that answers as it is told; `undefined` is no answer. */
function setUp(answers: (boolean | undefined)[]) {
  const told: string[] = [];
  const begun = performance.now();
  const at = () => Math.round(performance.now() - begun);
  const store: LeaseStore = {
    take: () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer === undefined ? new Promise(() => {}) : Promise.resolve(answer);
    },
    release: async (token) => void told.push(`release ${token.length > 0}`),
  };
  const lease = keepLease(store, {
    onGained: () => void told.push("gained"),
    onLost: () => void told.push(`lost at ${at()}`),
  });
  return { lease, told };
}

it("[K3] ends a lease in time although the answer to its renewal never comes", async () => {
  const { lease, told } = setUp([true, undefined]);
  await vi.advanceTimersByTimeAsync(3999);
  expect([lease.isHeld, told]).toEqual([true, ["gained"]]);
  await vi.advanceTimersByTimeAsync(2);
  expect([lease.isHeld, told]).toEqual([false, ["gained", "lost at 4000", "release true"]]);
});

it("[K3] asks again after a refusal and after a failure, and tells each turn once", async () => {
  const { lease, told } = setUp([false, false, true, true, false, true]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told.map((text) => text.split(" ")[0])).toEqual(["gained", "lost", "release", "gained"]);
  expect(lease.isHeld).toBe(true);
});

it("[K3] gives it up when it is closed, and is told nothing more", async () => {
  const { lease, told } = setUp([true]);
  await vi.advanceTimersByTimeAsync(1500);
  await lease.close();
  await lease.close();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([lease.isHeld, told]).toEqual([false, ["gained", "release true"]]);
});
