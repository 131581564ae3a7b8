import { afterEach, expect, it, vi } from "vitest";
import { createLoadMeter, type LoadMeter } from "@/lib/server/http/load-meter";
import { eventually } from "../support/live-wait";

let meter: LoadMeter;
afterEach(() => meter.stop());

/** Keeps this process busy for so long, ms. */
function work(ms: number) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("[H4] takes no note of how busy the process was before viewers could come", async () => {
  const changed = vi.fn();
  meter = createLoadMeter(changed);
  for (let i = 0; i < 4; i++) {
    work(900);
    await new Promise(setImmediate);
  }
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
