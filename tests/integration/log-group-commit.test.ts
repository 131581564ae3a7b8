import { describe, expect, it } from "vitest";
import type { CommitRequest, Outcome } from "@/lib/server/log/commit";
import { createGroupCommit, type GroupCommitLimits } from "@/lib/server/log/group-commit";
import { type Code, CodedError } from "@/lib/shared/codes";
import { nextId, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { eventually } from "../support/live-wait";
import { labelOf, requestOf } from "../support/log-harness";

const LIMITS: GroupCommitLimits = {
  windowMs: 0,
  waitMs: 2000,
  graceMs: 2000,
  maxRequests: 10_000,
  maxBytes: 1e9,
};

/** One group that was sent: the test says what becomes of it. */
interface Sent {
  token: string;
  requests: CommitRequest[];
  store(): void;
  fail(code: Code): void;
}

/** Groups over a storage that the test plays. */
function play(limits: Partial<GroupCommitLimits> = {}) {
  const sent: Sent[] = [];
  const told: Update[] = [];
  const events: string[] = [];
  let arrived: (() => void) | undefined;
  let last: UpdateId = ZERO_ID;
  const groups = createGroupCommit({
    commit: (token, requests) =>
      new Promise((resolve, reject) => {
        const store = () => {
          const ids: UpdateId[] = [];
          const outcomes = requests.map(({ bodies }): Outcome => {
            for (const _ of bodies) {
              last = nextId(last, 1000);
              ids.push(last);
            }
            return { kind: "appended", id: last };
          });
          resolve({ ids, outcomes });
        };
        sent.push({ token, requests, store, fail: (code) => reject(new CodedError(code)) });
        arrived?.();
      }),
    announce: (updates) => {
      told.push(...updates);
      events.push(...updates.map((update) => `told ${labelOf(update)}`));
    },
    now: () => 1000,
    limits: { ...LIMITS, ...limits },
  });
  groups.resume();
  return {
    groups,
    sent,
    told,
    events,
    /** The `n`-th group, from 1, once it is sent. */
    async group(n: number): Promise<Sent> {
      while (sent.length < n) await new Promise<void>((resolve) => (arrived = resolve));
      return sent[n - 1]!;
    },
    add: (label: string, count = 1) =>
      groups.add(requestOf(label, count)).then(({ id }) => {
        events.push(`answered ${label}`);
        return id;
      }),
  };
}

const code = (expected: Code) => expect.objectContaining({ code: expected });

describe("a group of appends", () => {
  it("[L1] is sent alone, in the order of arrival; what comes meanwhile is the next one", async () => {
    const { add, group, sent, told } = play();
    const first = [add("a"), add("b", 2)];
    const one = await group(1);
    const later = add("c");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent).toHaveLength(1);
    one.store();
    (await group(2)).store();
    expect(await Promise.all([...first, later])).toEqual(["1000-0", "1000-2", "1000-3"]);
    expect(told.map(labelOf)).toEqual(["a", "b/0", "b/1", "c"]);
  });

  it("[L3] is told of and answered only after its commit, in that order", async () => {
    const { add, group, events } = play();
    const answers = Promise.all([add("a"), add("b")]);
    const one = await group(1);
    expect(events).toEqual([]);
    one.store();
    await answers;
    expect(events).toEqual(["told a", "told b", "answered a", "answered b"]);
  });

  it("[H5] that fails is refused as a whole, and told of nowhere", async () => {
    const { add, group, told } = play();
    const answers = Promise.allSettled([add("a"), add("b")]);
    (await group(1)).fail("storage_full");
    for (const answer of await answers) expect(answer).toMatchObject({ reason: code("storage_full") });
    const next = add("c");
    (await group(2)).store();
    await next;
    expect(told.map(labelOf)).toEqual(["c"]);
  });

  it("[L3] holds at most 1000 requests and 4 MB; one that is larger goes alone", async () => {
    const { add, groups, group, sent } = play();
    const many = Promise.all(Array.from({ length: 2500 }, (_, n) => add(`${n}`)));
    for (const n of [1, 2, 3]) (await group(n)).store();
    await many;
    const sized = (bytes: number) =>
      groups.add({ updates: [{ ch: "orders", items: [{ order: "x".repeat(bytes) }] }] });
    const large = Promise.all([3e6, 0.9e6, 0.9e6, 6e6, 1].map(sized));
    for (const n of [4, 5, 6, 7]) (await group(n)).store();
    await large;
    expect(sent.map(({ requests }) => requests.length)).toEqual([1000, 1000, 500, 2, 1, 1, 1]);
  });

  it("[L3] found busy is sent again, before what came later, until the time of its requests is over", async () => {
    const { add, group, told } = play();
    const answers = Promise.all([add("a"), add("b")]);
    (await group(1)).fail("log_busy");
    const later = add("c");
    (await group(2)).store();
    await Promise.all([answers, later]);
    expect(told.map(labelOf)).toEqual(["a", "b", "c"]);
  });

  it("[H5] that was under way when its time ended says busy when it then was not stored", async () => {
    const { add, group, sent } = play({ waitMs: 30 });
    const answer = Promise.allSettled([add("a")]);
    const one = await group(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    one.fail("log_busy");
    expect(await answer).toMatchObject([{ reason: code("log_busy") }]);
    expect(sent).toHaveLength(1);
  });

  it("[L3] that gets no answer is an unknown outcome, bounded in time", async () => {
    const { add, groups, group } = play({ waitMs: 30, graceMs: 30 });
    const started = performance.now();
    const answer = Promise.allSettled([add("a")]);
    await group(1);
    expect(await answer).toMatchObject([{ reason: code("unknown_outcome") }]);
    expect(performance.now() - started).toBeGreaterThan(55);
    // Whatever waits behind it was not stored.
    await expect(add("b")).rejects.toEqual(code("log_unavailable"));
    await groups.drain();
  });

  it("[L3] in doubt holds everything back until it is settled: as stored, or sent again", async () => {
    const { add, groups, group, sent, told } = play();
    const a = add("a");
    const one = await group(1);
    one.fail("unknown_outcome");
    groups.pause();
    const b = add("b");
    await new Promise((resolve) => setTimeout(resolve, 20));
    groups.resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent).toHaveLength(1);
    expect(groups.inDoubt()).toBe(one.token);
    groups.settle(null);
    const two = await group(2);
    expect(two.requests).toHaveLength(2);
    two.fail("unknown_outcome");
    await new Promise((resolve) => setTimeout(resolve, 0));
    groups.settle([
      { kind: "appended", id: "5-0" },
      { kind: "replayed", id: "4-0" },
    ]);
    expect(await Promise.all([a, b])).toEqual(["5-0", "4-0"]);
    expect(told).toEqual([]);
    expect(groups.inDoubt()).toBeUndefined();
  });
});

describe("when the log is another one", () => {
  const placed = (label: string, n: number) => ({
    ...requestOf(label),
    places: [{ of: "t/0", after: `${n}-0`, to: `${n + 1}-0` }],
  });

  it("[S1] what would move places on is refused unless it was stored, and the rest goes on", async () => {
    const { groups, sent } = play();
    const underWay = [groups.add(placed("a", 0)), groups.add(requestOf("b"))];
    await eventually(() => expect(sent).toHaveLength(1));
    const waiting = [groups.add(placed("c", 1)), groups.add(requestOf("d"))];
    sent[0]!.fail("unknown_outcome");
    await eventually(() => expect(groups.inDoubt()).toBeDefined());
    groups.refusePlaces();
    await expect(waiting[0]).rejects.toMatchObject({ code: "place_passed" });
    groups.settle(null);
    await expect(underWay[0]).rejects.toMatchObject({ code: "place_passed" });
    await eventually(() => expect(sent).toHaveLength(2));
    expect(sent[1]!.requests.map(({ places }) => places)).toEqual([undefined, undefined]);
    sent[1]!.store();
    await Promise.all([underWay[1], waiting[1]]);
    const later = groups.add(placed("e", 0));
    await eventually(() => expect(sent).toHaveLength(3));
    sent[2]!.store();
    await later;
  });
});
