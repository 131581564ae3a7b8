import { afterEach, expect, it, vi } from "vitest";
import { Pacer } from "@/lib/server/hub/pacer";

afterEach(() => vi.restoreAllMocks());

/** Holds the event loop. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Runs `rounds` steps for each name, each of which holds the loop for `ms`; gives their order. */
async function run(names: string[], rounds: number, ms: number): Promise<string[]> {
  const pacer = new Pacer();
  const order: string[] = [];
  const finish = (name: string) =>
    new Promise<void>((resolve) => {
      let left = rounds;
      const step = () => {
        work(ms);
        order.push(name);
        left -= 1;
        if (left > 0) pacer.add(step);
        else resolve();
      };
      pacer.add(step);
    });
  await Promise.all(names.map(finish));
  return order;
}

it("[H3] serves those who catch up in turn, however many parts one of them needs", async () => {
  const order = await run(["a", "b", "c"], 5, 1);
  for (let round = 0; round < 5; round++)
    expect(order.slice(3 * round, 3 * round + 3).sort()).toEqual(["a", "b", "c"]);
});

it("[H3] leaves most of the time to who is live", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  await run(["a", "b"], 15, 2);
  // 60 ms of work in slices of about 4 ms, and three times as much for everything else after each but the last.
  const rests = timers.mock.calls.map(([, ms]) => ms ?? 0);
  expect(rests.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(3 * 50);
});

it("[H3] begins at once when nobody was served before", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  await run(["a"], 1, 0);
  expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([0]);
});
