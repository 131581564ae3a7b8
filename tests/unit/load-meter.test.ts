import { afterEach, expect, it, vi } from "vitest";
import { createLoadMeter, type LoadMeter } from "@/lib/server/http/load-meter";

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
  expect(meter.load.delayMs).toBe(0);
  await vi.waitUntil(() => meter.load.delayMs > 0);
  expect(meter.load.delayMs).toBeLessThan(50);
  expect(changed).not.toHaveBeenCalled();
  work(900);
  await vi.waitUntil(() => meter.load.delayMs > 50);
});
