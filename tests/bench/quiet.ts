import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const SAMPLE_MS = 1000;
/** What a machine does by itself, of all its processors. */
const QUIET = 0.15;

/**
 * Waits until the machine has nothing else to do, at most `limitMs`, as figures taken beside other work say
 * little. Resolves with the share of all processors that was busy in the last second.
 */
export async function untilQuiet(limitMs: number): Promise<number> {
  for (let waited = 0; ; waited += SAMPLE_MS) {
    const before = times();
    await sleep(SAMPLE_MS);
    const after = times();
    const busy = 1 - (after.idle - before.idle) / (after.total - before.total);
    if (busy <= QUIET || waited >= limitMs) return busy;
  }
}

function times(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const cpu of os.cpus()) {
    idle += cpu.times.idle;
    total += Object.values(cpu.times).reduce((sum, time) => sum + time, 0);
  }
  return { idle, total };
}
