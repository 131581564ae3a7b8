import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statusOf } from "@/lib/client/connection-view";
import { transition } from "@/lib/client/ladder";
import {
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  type Failure,
  initialLadder,
  type Ladder,
  type LadderEvent,
  nextDeadline,
  openRungs,
  type Rung,
} from "@/lib/client/ladder-state";

const CLOSED: Failure = { reason: "closed", answered: false, message: "closed" };

let state: Ladder;
let now: number;
const send = (event: LadderEvent, random = 0.5) => {
  state = transition(state, event, { now, random });
};
const begin = (first?: Rung) => {
  state = initialLadder(first);
  now = 0;
  send({ type: "start", reasons: [] });
};
const open = () => openRungs(state).map(({ rung }) => rung);
const hear = (rung: Rung) => send({ type: "heard", rung });
const fail = (rung: Rung, random?: number) => send({ type: "failed", rung, failure: CLOSED }, random);

/** Ticks at each deadline until the condition holds. */
function until(isThere: () => boolean): void {
  for (let ticks = 0; !isThere(); ticks += 1) {
    expect(ticks).toBeLessThan(100);
    now = nextDeadline(state)!;
    send({ type: "tick" });
  }
}

const untilOpen = (...rungs: Rung[]) => until(() => open().join() === rungs.join());

/** A beat every ten seconds. */
function beats(rung: Rung, count: number): void {
  for (let i = 0; i < count; i += 1) {
    now += 10_000;
    hear(rung);
  }
}

describe("what is held against a rung", () => {
  it("[C1] one that goes mute after its first frame is left after the second time, however long it is waited for", () => {
    begin("sse");
    hear("sse");
    until(() => state.name === "waiting");
    expect(state).toMatchObject({ cause: { reason: "silence" } });
    untilOpen("sse");
    hear("sse");
    until(() => state.name === "waiting");
    until(() => state.name !== "waiting");
    expect(open()).toEqual(["long-poll"]);
  });

  it("[C1] silence after a stable time is nothing against it", () => {
    begin("sse");
    hear("sse");
    beats("sse", 2);
    until(() => state.name === "waiting");
    expect(state).toMatchObject({ first: "sse", tries: { attempt: 1, unanswered: 0, flaps: 0 } });
  });

  it("[C1] a delivery is an answer: failures before it do not count towards leaving the rung", () => {
    begin();
    hear("socket");
    beats("socket", 2);
    fail("socket");
    untilOpen("socket");
    fail("socket");
    untilOpen("socket");
    hear("socket");
    now += 1000;
    fail("socket");
    until(() => state.name !== "waiting");
    expect(state).toMatchObject({ name: "connecting", opening: { rung: "socket" } });
  });

  it("[C7] after an outage that was called offline, a break soon after the first delivery is called reconnecting", () => {
    begin();
    for (let failures = 0; failures < 6; failures += 1) {
      untilOpen("socket");
      for (const rung of ["socket", "sse", "long-poll", "poll"] as const) fail(rung);
    }
    const reading = { catchingUp: true };
    expect(statusOf(state, reading)).toBe("offline");
    untilOpen("socket");
    hear("socket");
    now += 1000;
    fail("socket");
    expect(statusOf(state, reading)).toBe("reconnecting");
  });

  it("[C2] a climb after a stable time starts the back-off afresh too", () => {
    begin();
    for (const rung of ["socket", "sse", "long-poll", "poll"] as const) fail(rung);
    until(() => state.name !== "waiting");
    fail("socket");
    hear("sse");
    expect(state).toMatchObject({ name: "live", tries: { attempt: 1 } });
    for (let seconds = 0; !open().includes("socket"); seconds += 5) {
      expect(seconds).toBeLessThan(60);
      now += 5000;
      hear("sse");
      send({ type: "tick" });
    }
    hear("socket");
    expect(state).toMatchObject({ name: "live", opening: { rung: "socket" } });
    now += 500;
    fail("socket", 0.999);
    expect(nextDeadline(state)! - now).toBeLessThanOrEqual(BACKOFF_MIN_MS);
  });

  it("[C1] a rung that delivers and breaks at once is not probed more often for that", () => {
    begin("sse");
    hear("sse");
    const climbs: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const from = now;
      while (!open().includes("socket")) {
        now += 1000;
        hear("sse");
        send({ type: "tick" });
      }
      climbs.push(now - from);
      hear("socket");
      for (const _ of [1, 2]) {
        now += 500;
        fail("socket");
        until(() => state.name !== "waiting");
        hear(open()[0]!);
      }
      expect(state).toMatchObject({ name: "live", opening: { rung: "sse" } });
    }
    expect(climbs).toEqual([10, 20, 40, 80].map((seconds) => seconds * 1000));
  });
});

describe("the back-off", () => {
  /** The wait that follows when the only allowed rung has failed at once for so long, all with one random. */
  const waitAfter = (outageMs: number, random: number) => {
    begin();
    send({ type: "fix", choice: "socket", pollMs: 5000 });
    fail("socket", random);
    const start = now;
    for (let tries = 0; now - start < outageMs; tries += 1) {
      expect(tries).toBeLessThan(1000);
      now = Math.max(nextDeadline(state)!, now);
      send({ type: "tick" });
      fail("socket", random);
    }
    return nextDeadline(state)! - now;
  };

  it("[C2] is spread over the whole time, so that a server that returns is not stormed", () => {
    begin();
    send({ type: "fix", choice: "socket", pollMs: 5000 });
    const waits = [0, 0.25, 0.5, 0.75, 0.999].map((random) => {
      const failed = transition(state, { type: "failed", rung: "socket", failure: CLOSED }, { now, random });
      return nextDeadline(failed)! - now;
    });
    expect(waits[0]).toBeLessThanOrEqual(0.1 * BACKOFF_MIN_MS);
    expect(waits.at(-1)).toBeGreaterThan(0.99 * BACKOFF_MIN_MS);
    for (const i of [1, 2, 3, 4]) expect(waits[i]! - waits[i - 1]!).toBeGreaterThan(0.2 * BACKOFF_MIN_MS);
  });

  it("[C2] grows with the outage up to 30 s, and no further", () => {
    const most = [0, 2000, 8000, 32_000, 600_000].map((outage) => waitAfter(outage, 0.999));
    for (const i of [1, 2]) expect(most[i]!).toBeGreaterThan(2 * most[i - 1]!);
    expect(most[3]).toBeGreaterThan(0.99 * BACKOFF_MAX_MS);
    expect(most[4]).toBeLessThanOrEqual(BACKOFF_MAX_MS);
    // Whoever draws the shortest wait each time does not storm either: a tenth is the floor.
    expect(waitAfter(60_000, 0)).toBeGreaterThanOrEqual(0.09 * BACKOFF_MAX_MS);
  });
});

describe("a deadline", () => {
  // performance.now() has fractions, whose sums and differences are rounded differently.
  const instant = fc.oneof(
    fc.double({ min: 0, max: 1e8, noNaN: true }),
    fc.integer({ min: 0, max: 1e9 }).map((n) => n / 97),
  );

  it("[C2] is met by the tick at that very instant, so that none is repeated without end", () => {
    const meets = () => {
      const before = state;
      now = nextDeadline(state)!;
      send({ type: "tick" });
      expect(state, before.name).not.toBe(before);
      expect(nextDeadline(state), before.name).toBeGreaterThan(now);
    };
    const startAt = (at: number, first: Rung) => {
      state = initialLadder(first);
      now = at;
      send({ type: "start", reasons: [] });
    };
    fc.assert(
      fc.property(instant, fc.constantFrom("socket", "sse", "poll" as const), (at, first) => {
        startAt(at, first);
        // Racing: three more rungs start, then each is given up, then the wait ends.
        for (let ticks = 0; ticks < 9; ticks += 1) meets();
        // Live: delayed, a probe where there is a better rung, then dead, the wait, and a mute connection.
        startAt(at, first);
        hear(first);
        for (let ticks = 0; ticks < 12; ticks += 1) meets();
      }),
      { numRuns: 1000 },
    );
  });
});
