import { afterEach, expect, it, vi } from "vitest";
import { createLoadMeter, type LoadMeter } from "@/lib/server/http/load-meter";
import { eventually } from "../support/live-wait";

let meter: LoadMeter;
afterEach(() => meter.stop());

/** Keeps this process busy for so much CPU time, ms: others may have the processor meanwhile. */
function work(ms: number) {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system > 1000 * ms) return;
  }
}

it("[H4] takes no note of how busy the process was before viewers could come", async () => {
  const changed = vi.fn();
  meter = createLoadMeter(changed);
  work(900);
  meter.begin();
  const { load } = meter;
  expect(load.delayMs).toBe(0);
  // The first look may find that it is right on time.
  await eventually(() => expect(meter.load).not.toBe(load));
  expect(meter.load.delayMs).toBeLessThan(50);
  expect(changed).not.toHaveBeenCalled();
  work(900);
  await eventually(() => expect(meter.load.delayMs).toBeGreaterThan(50));
});
