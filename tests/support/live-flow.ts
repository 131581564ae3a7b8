import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import type { NewUpdate } from "@/lib/server/log/log";

/** What is appended together, after a pause (ms); a pause of 0 means at once. */
export interface Burst {
  pause: number;
  channels: string[];
}

export const bursts = (channels: readonly string[]): fc.Arbitrary<Burst[]> =>
  fc.array(
    fc.record({
      pause: fc.oneof(fc.constant(0), fc.nat(12)),
      channels: fc.array(fc.constantFrom(...channels), { minLength: 1, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

let counter = 0;

/** An update of a test channel that no other one equals. */
export function someUpdate(channel: string): NewUpdate {
  const n = counter++;
  if (channel === "stock") {
    const sku = `s${n % 4}`;
    return { ch: channel, rows: { [sku]: n % 7 === 0 ? null : { sku, left: n } } };
  }
  if (channel === "visits") return { ch: channel, items: [{ seconds: n }] };
  return { ch: channel, set: { [channel === "gauges" ? "a" : "x"]: n } };
}

interface Appends {
  append(...updates: NewUpdate[]): Promise<unknown>;
}

/** Appends the bursts again and again until it is stopped, without waiting for one to be committed. */
export function startFlow(server: Appends, plan: Burst[]) {
  let stopped = false;
  const appends: Promise<unknown>[] = [];
  const running = (async () => {
    for (let i = 0; !stopped; i++) {
      const { pause, channels } = plan[i % plan.length]!;
      appends.push(server.append(...channels.map(someUpdate)));
      // Once around without a pause would not let anybody else run.
      if (pause > 0 || i % plan.length === 0) await sleep(Math.max(1, pause));
    }
  })();
  return {
    /** Resolves when everything is committed. */
    async stop() {
      stopped = true;
      await running;
      await Promise.all(appends);
    },
  };
}
