import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createDuty, LEFTOVERS_MS } from "@/lib/server/sources/duty";
import type { Running } from "@/lib/server/sources/run-sources";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const told: string[] = [];
  let made = 0;
  let stopped: () => void = () => {};
  const duty = createDuty((): Running => {
    const n = ++made;
    return {
      start: () => void told.push(`start ${n}`),
      sendWhole: () => void told.push(`whole ${n}`),
      startOver: () => void told.push(`anew ${n}`),
      tryNow: () => {},
      health: () => [],
      stop: () => {
        told.push(`stop ${n}`);
        return new Promise((resolve) => {
          stopped = resolve;
        });
      },
    };
  });
  return { duty, told, stopped: () => stopped() };
}

it("[K3] each turn of duty has sources that begin anew", () => {
  const { duty, told } = setUp();
  duty.startOver();
  duty.begin();
  duty.end();
  duty.end();
  duty.begin();
  duty.startOver();
  expect(told).toEqual(["start 1", "stop 1", "start 2", "anew 2"]);
});

it("[K3] what the node before may still have stored is written over, once, and only on duty", () => {
  const { duty, told } = setUp();
  duty.begin();
  vi.advanceTimersByTime(LEFTOVERS_MS - 1);
  expect(told).toEqual(["start 1"]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(["start 1", "whole 1"]);
  vi.advanceTimersByTime(10 * LEFTOVERS_MS);
  expect(told).toHaveLength(2);
  duty.begin();
  duty.end();
  vi.advanceTimersByTime(10 * LEFTOVERS_MS);
  expect(told.slice(2)).toEqual(["stop 1", "start 2", "stop 2"]);
});

it("closes when nothing is on its way any more", async () => {
  const { duty, stopped } = setUp();
  duty.begin();
  let over = false;
  const closed = duty.close().then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(1000);
  expect(over).toBe(false);
  stopped();
  await closed;
});

it("[S3] is asked how the sources are while they run here, and by nobody else", () => {
  const { duty } = setUp();
  expect(duty.running).toBeUndefined();
  duty.begin();
  const first = duty.running;
  expect(first?.health()).toEqual([]);
  duty.begin();
  expect(duty.running).not.toBe(first);
  duty.end();
  expect(duty.running).toBeUndefined();
});
