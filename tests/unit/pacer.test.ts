import { expect, it } from "vitest";
import { Pacer } from "@/lib/server/hub/pacer";

/** Holds the event loop. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Runs `rounds` steps for each name, each of which holds the loop for `ms`; gives their order and the time. */
async function run(names: string[], rounds: number, ms: number): Promise<{ order: string[]; took: number }> {
  const pacer = new Pacer();
  const order: string[] = [];
  const start = performance.now();
  await Promise.all(
    names.map(
      (name) =>
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
        }),
    ),
  );
  return { order, took: performance.now() - start };
}

it("[H3] serves those who catch up in turn, however many parts one of them needs", async () => {
  const { order } = await run(["a", "b", "c"], 5, 1);
  for (let round = 0; round < 5; round++)
    expect(order.slice(3 * round, 3 * round + 3).sort()).toEqual(["a", "b", "c"]);
});

it("[H3] leaves most of the time to who is live", async () => {
  const { took } = await run(["a", "b"], 15, 2);
  // 60 ms of work, and three times as much for everything else; the last slice's rest is not waited for.
  expect(took).toBeGreaterThan(60 * 3.3);
});

it("[H3] begins at once when nobody was served before", async () => {
  const pacer = new Pacer();
  const start = performance.now();
  await new Promise<void>((resolve) => pacer.add(resolve));
  expect(performance.now() - start).toBeLessThan(100);
});
