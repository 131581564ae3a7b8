import { expect, it } from "vitest";
import { Cohorts } from "@/lib/server/hub/cohorts";
import type { LogView } from "@/lib/server/hub/log-view";
import type { Entry } from "@/lib/server/hub/ring";
import type { Subscriber } from "@/lib/server/hub/subscriber";
import { BEAT_MS, type Frame } from "@/lib/shared/protocol";

const NOW = 1_000_000;

/** Two viewers of one channel, one of them sparse, and what each was sent. */
function start() {
  const view = { epoch: "log", head: "1-0" } as LogView & { head: string };
  const cohorts = new Cohorts(view);
  const join = (sparse: boolean): Frame[] => {
    const sent: Frame[] = [];
    const fanout = {
      name: "sse" as const,
      createGroup: () => ({ join() {}, leave() {}, send: (frame: Frame) => void sent.push(frame) }),
    };
    const subscriber = { channels: new Set(["a"]), sub: 1, sparse, fanout, receiver: { ready: () => true } };
    const cohort = cohorts.for(subscriber as unknown as Subscriber, NOW);
    cohort.join(subscriber as unknown as Subscriber);
    return sent;
  };
  const [sparse, usual] = [join(true), join(false)];
  const add = (id: string, bytes = 100) => {
    cohorts.enqueue({ update: { id, ch: "a", set: {} }, bytes } as Entry);
    view.head = id;
  };
  return { cohorts, sparse, usual, add };
}

it("[H7] what waits for sparse viewers is written with none of the others' frames", () => {
  const { cohorts, sparse, usual, add } = start();
  add("2-0");
  expect(cohorts.flush()).toBe(1);
  add("3-0");
  expect(cohorts.flush()).toBe(1);
  expect([usual.length, sparse.length]).toEqual([2, 0]);
  expect(cohorts.waiting).toBe(false);
  cohorts.flushSparse(NOW + 1000, { now: NOW + 1000 }, false);
  expect(sparse).toEqual([expect.objectContaining({ from: "log.1-0", to: "log.3-0", sub: 1 })]);
  expect(sparse[0]!.updates!.map(({ id }) => id)).toEqual(["2-0", "3-0"]);
  expect(sparse[0]).not.toHaveProperty("now");
  cohorts.flushSparse(NOW + 2000, { now: NOW + 2000 }, false);
  expect(sparse).toHaveLength(1);
});

it("[H7][F4] a beat that is due, or that tells all of a change, is the same frame", () => {
  const { cohorts, sparse, usual, add } = start();
  const tick = (now: number, all: boolean) => {
    const clock = { now, ...(all && { log: { delayedSince: 5 } }) };
    cohorts.flush();
    cohorts.flushSparse(now, clock, all);
    cohorts.beat(now, clock, all);
  };
  add("2-0");
  tick(NOW + BEAT_MS, false);
  expect(sparse).toEqual([expect.objectContaining({ now: NOW + BEAT_MS })]);
  expect(usual.map(({ updates }) => updates!.length)).toEqual([1, 0]);
  add("3-0");
  tick(NOW + BEAT_MS + 1000, true);
  expect(sparse.slice(1)).toEqual([expect.objectContaining({ log: { delayedSince: 5 } })]);
  expect(sparse[1]!.updates).toHaveLength(1);
  // The next one is due ten seconds after this.
  tick(NOW + 2 * BEAT_MS, false);
  expect(sparse).toHaveLength(2);
  tick(NOW + 2 * BEAT_MS + 1000, false);
  expect(sparse[2]).toMatchObject({ updates: [], now: NOW + 2 * BEAT_MS + 1000 });
});

it("[H7][F4] of what does not fit into one frame only the last says the time", () => {
  const { cohorts, sparse, add } = start();
  for (const id of ["2-0", "3-0", "4-0"]) add(id, 40_000);
  cohorts.flushSparse(NOW + BEAT_MS, { now: 1 }, false);
  expect(sparse.map(({ to, now }) => [to, now])).toEqual([
    ["log.2-0", undefined],
    ["log.3-0", undefined],
    ["log.4-0", 1],
  ]);
});
