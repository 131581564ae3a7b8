import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { transition } from "@/lib/client/ladder";
import {
  BACKOFF_MAX_MS,
  BEAT_MS as CLIENT_BEAT_MS,
  type EventName,
  type Failure,
  initialLadder,
  type Ladder,
  type LadderEvent,
  type Live,
  nextDeadline,
  openRungs,
  RETRY_AFTER_MAX_MS,
  RUNGS,
  type Rung,
  type StateName,
} from "@/lib/client/ladder-state";
import { MAX_PAGE as CLIENT_MAX_PAGE } from "@/lib/client/live-client";
import { ACK_BYTES as CLIENT_ACK_BYTES } from "@/lib/client/transports/socket";
import { ACK_BYTES, BEAT_MS, MAX_PAGE } from "@/lib/shared/protocol";

const CLOSED: Failure = { reason: "closed", answered: false, message: "closed" };
const MOVED: Failure = { reason: "moved", answered: true, message: "moved" };
const BUSY: Failure = { reason: "refused", answered: true, code: "overloaded", message: "busy" };

/** Where each event may lead. The tests below check that it leads nowhere else, and to each of these. */
const OUTCOMES: Record<StateName, Record<EventName, readonly StateName[]>> = {
  stopped: {
    start: ["parked", "racing"],
    stop: ["stopped"],
    heard: ["stopped"],
    failed: ["stopped"],
    tick: ["stopped"],
    park: ["stopped"],
    unpark: ["stopped"],
    woke: ["stopped"],
    fix: ["stopped"],
  },
  parked: {
    start: ["parked"],
    stop: ["stopped"],
    heard: ["parked"],
    failed: ["parked"],
    tick: ["parked"],
    park: ["parked"],
    unpark: ["parked", "racing"],
    woke: ["parked"],
    fix: ["parked"],
  },
  racing: {
    start: ["racing"],
    stop: ["stopped"],
    heard: ["racing", "live"],
    failed: ["racing", "waiting"],
    tick: ["racing", "waiting"],
    park: ["parked"],
    unpark: ["racing"],
    woke: ["racing"],
    fix: ["racing"],
  },
  connecting: {
    start: ["connecting"],
    stop: ["stopped"],
    heard: ["connecting", "live"],
    failed: ["connecting", "waiting"],
    tick: ["connecting", "waiting"],
    park: ["parked"],
    unpark: ["connecting"],
    woke: ["racing"],
    fix: ["connecting", "racing"],
  },
  live: {
    start: ["live"],
    stop: ["stopped"],
    heard: ["live"],
    failed: ["live", "connecting", "waiting"],
    tick: ["live", "waiting"],
    park: ["parked"],
    unpark: ["live"],
    woke: ["racing"],
    fix: ["live"],
  },
  waiting: {
    start: ["waiting"],
    stop: ["stopped"],
    heard: ["waiting"],
    failed: ["waiting"],
    tick: ["waiting", "connecting", "racing"],
    park: ["parked"],
    unpark: ["racing"],
    woke: ["racing"],
    fix: ["waiting"],
  },
};

const rung = fc.constantFrom(...RUNGS);
const reason = fc.constantFrom("unwatched", "offline", "hidden", "frozen", "bfcache" as const);
const failure = fc.oneof(
  fc.constant(CLOSED),
  fc.constant(MOVED),
  fc.record({
    reason: fc.constant("refused" as const),
    answered: fc.constant(true),
    retryAfterMs: fc.option(fc.integer({ min: -1000, max: 10 ** 9 }), { nil: undefined }),
    message: fc.constant("busy"),
  }),
);
const EVENTS: { [E in EventName]: fc.Arbitrary<LadderEvent> } = {
  start: fc.record({
    type: fc.constant("start" as const),
    reasons: fc.uniqueArray(reason, { maxLength: 2 }),
  }),
  stop: fc.constant({ type: "stop" as const }),
  heard: fc.record({ type: fc.constant("heard" as const), rung }),
  failed: fc.record({ type: fc.constant("failed" as const), rung, failure }),
  tick: fc.constant({ type: "tick" as const }),
  park: fc.record({ type: fc.constant("park" as const), reason }),
  unpark: fc.record({ type: fc.constant("unpark" as const), reason }),
  woke: fc.constant({ type: "woke" as const }),
  fix: fc.record({
    type: fc.constant("fix" as const),
    choice: fc.constantFrom("auto", "socket", "sse", "poll" as const),
    pollMs: fc.integer({ min: 5000, max: 60_000 }),
  }),
};
const step = fc.record({
  event: fc.oneof(
    // A random rung is seldom the one that is open, and a random time seldom a deadline.
    { weight: 4, arbitrary: fc.constantFrom("hear", "fail", "answer", "deadline" as const) },
    { weight: 2, arbitrary: fc.oneof(EVENTS.heard, EVENTS.failed, EVENTS.tick) },
    { weight: 1, arbitrary: fc.oneof(...Object.values(EVENTS)) },
  ),
  elapsed: fc.integer({ min: 0, max: 40_000 }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  pick: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The event of a step; a symbolic one is made to fit the state. */
function eventOf(state: Ladder, { event, pick }: Step): LadderEvent {
  if (typeof event !== "string") return event;
  if (event === "deadline") return { type: "tick" };
  const open = openRungs(state);
  const target = open[pick % Math.max(1, open.length)]?.rung ?? "socket";
  if (event === "hear") return { type: "heard", rung: target };
  return { type: "failed", rung: target, failure: event === "answer" ? BUSY : CLOSED };
}

/** Runs steps from a start and shows each to `check`. */
function run(steps: Step[], check: (before: Ladder, event: LadderEvent, after: Ladder, now: number) => void) {
  let now = 1000;
  let state: Ladder = initialLadder();
  const start: LadderEvent = { type: "start", reasons: [] };
  state = transition(state, start, { now, random: 0 });
  for (const one of steps) {
    const deadline = nextDeadline(state);
    now = one.event === "deadline" && deadline !== undefined ? Math.max(now, deadline) : now + one.elapsed;
    const event = eventOf(state, one);
    const after = transition(state, event, { now, random: one.random });
    check(state, event, after, now);
    state = after;
  }
}

const scenarios = fc.array(step, { minLength: 1, maxLength: 60 });

describe("the transition table", () => {
  const reached = new Map<string, Set<StateName>>();
  const samples = new Map<StateName, Ladder[]>();
  fc.assert(
    fc.property(scenarios, (steps) => {
      run(steps, (before, event, after) => {
        const key = `${before.name} ${event.type}`;
        reached.set(key, (reached.get(key) ?? new Set()).add(after.name));
        const known = samples.get(before.name) ?? [];
        if (known.length < 400) known.push(before);
        samples.set(before.name, known);
      });
    }),
    { numRuns: 1500, seed: 7 },
  );

  for (const [state, events] of Object.entries(OUTCOMES) as [StateName, Record<EventName, StateName[]>][]) {
    for (const [event, allowed] of Object.entries(events) as [EventName, StateName[]][]) {
      it(`[C1] ${state} + ${event} leads to ${allowed.join(" or ")}`, () => {
        const states = samples.get(state) ?? [];
        expect(states.length).toBeGreaterThan(10);
        const seen = new Set(reached.get(`${state} ${event}`));
        const make = EVENTS[event];
        const drawn = fc.tuple(fc.constantFrom(...states), make, fc.integer({ min: 0, max: 90_000 }));
        fc.assert(
          fc.property(drawn, ([before, one, elapsed]) => {
            const now = (nextDeadline(before) ?? 1000) - 20_000 + elapsed;
            const after = transition(before, one, { now, random: 0.5 }).name;
            expect(allowed).toContain(after);
            seen.add(after);
          }),
          { numRuns: 300 },
        );
        expect([...seen].sort()).toEqual([...allowed].sort());
      });
    }
  }
});

describe("any sequence of events", () => {
  it("[C2] never gives up: what runs has an open rung and a deadline, or a deadline", () => {
    fc.assert(
      fc.property(scenarios, (steps) =>
        run(steps, (_before, _event, after) => {
          if (after.name === "stopped" || after.name === "parked") return;
          expect(nextDeadline(after)).toBeTypeOf("number");
          expect(Number.isFinite(nextDeadline(after))).toBe(true);
          if (after.name !== "waiting") expect(openRungs(after).length).toBeGreaterThan(0);
        }),
      ),
    );
  });

  it("[C1] never opens a rung twice, more than two while live, or one that is not allowed in a race", () => {
    fc.assert(
      fc.property(scenarios, (steps) =>
        run(steps, (_before, _event, after) => {
          const rungs = openRungs(after).map((opening) => opening.rung);
          expect(new Set(rungs).size).toBe(rungs.length);
          expect(rungs.length).toBeLessThanOrEqual(after.name === "live" ? 2 : RUNGS.length);
          if (after.choice !== "auto" && after.name !== "live")
            expect([[], [after.choice]]).toContainEqual(rungs);
        }),
      ),
    );
  });

  it("[C3] a parked ladder opens nothing and wants no tick", () => {
    fc.assert(
      fc.property(scenarios, reason, (steps, why) =>
        run(steps, (before, _event, after, now) => {
          const parked = transition(after, { type: "park", reason: why }, { now, random: 0.5 });
          if (before.name === "stopped" && after.name === "stopped") return;
          expect(openRungs(parked)).toEqual([]);
          expect(nextDeadline(parked)).toBeUndefined();
        }),
      ),
    );
  });

  it("[C2] waits at least 50 ms and at most 30 s, or as long as the server asked within reason", () => {
    fc.assert(
      fc.property(scenarios, (steps) =>
        run(steps, (before, _event, after, now) => {
          if (after.name !== "waiting" || before.name === "waiting") return;
          const wait = after.until - now;
          expect(wait).toBeGreaterThanOrEqual(49.9);
          const asked = Math.min(RETRY_AFTER_MAX_MS, Math.max(0, after.cause.retryAfterMs ?? 0));
          expect(wait).toBeGreaterThanOrEqual(asked);
          expect(wait).toBeLessThanOrEqual(asked + BACKOFF_MAX_MS + 0.1);
        }),
      ),
    );
  });

  it("[C2] a tick at the deadline always moves the deadline on", () => {
    fc.assert(
      fc.property(scenarios, (steps) =>
        run(steps, (_before, _event, after) => {
          const deadline = nextDeadline(after);
          if (deadline === undefined) return;
          const next = transition(after, { type: "tick" }, { now: deadline, random: 0.5 });
          expect(nextDeadline(next)).toBeGreaterThan(deadline);
        }),
      ),
    );
  });
});

/** A ladder driven by hand. */
class Driver {
  state: Ladder;
  now = 0;

  constructor(first?: Rung) {
    this.state = initialLadder(first);
    this.send({ type: "start", reasons: [] });
  }

  get open(): Rung[] {
    return openRungs(this.state).map((opening) => opening.rung);
  }

  send(event: LadderEvent, random = 0.5): this {
    this.state = transition(this.state, event, { now: this.now, random });
    return this;
  }

  /** Lets time pass, with the ticks that fall due. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let at = nextDeadline(this.state); at !== undefined && at <= end; at = nextDeadline(this.state)) {
      this.now = Math.max(this.now, at);
      this.send({ type: "tick" });
    }
    this.now = end;
    return this;
  }

  hear = (heard: Rung) => this.send({ type: "heard", rung: heard });
  fail = (failed: Rung, why = CLOSED) => this.send({ type: "failed", rung: failed, failure: why });
  untilTry = () => this.pass((nextDeadline(this.state) ?? 0) - this.now);

  /** Live for so long, with beats. */
  liveFor(ms: number, on: Rung): this {
    for (let left = ms; left > 0; left -= 5000) this.pass(Math.min(5000, left)).hear(on);
    return this;
  }
}

describe("a server that holds no more connections", () => {
  it.each(["server_full", "too_many_connections"])("[H4][C1] is polled: %s", (code) => {
    const ladder = new Driver("long-poll").hear("long-poll").liveFor(60_000, "long-poll");
    ladder.fail("long-poll", { reason: "refused", answered: true, code, message: "full" }).untilTry();
    expect(ladder.open).toEqual(["poll"]);
    const fixed = new Driver().send({ type: "fix", choice: "sse", pollMs: 5000 }).hear("sse");
    fixed.fail("sse", { reason: "refused", answered: true, code, message: "full" }).untilTry();
    expect(fixed.open).toEqual(["sse"]);
  });
});

describe("a connection that the server moves", () => {
  it("[H6][C1] is opened again at once, on the same rung, and nothing is counted against it", () => {
    const ladder = new Driver().hear("socket").liveFor(60_000, "socket").fail("socket", MOVED);
    expect(ladder.state).toMatchObject({ name: "connecting", opening: { rung: "socket", at: ladder.now } });
    expect(ladder.hear("socket").state).toMatchObject({ name: "live", tries: { attempt: 0, flaps: 0 } });
  });

  it("[H6][C2] falls back to the usual way when nobody is there, and when all that it does is move", () => {
    const ladder = new Driver().hear("socket").liveFor(60_000, "socket").fail("socket", MOVED).fail("socket");
    expect(ladder.state).toMatchObject({ name: "waiting", tries: { attempt: 1 } });
    const moving = new Driver().hear("socket").pass(999).fail("socket", MOVED);
    expect(moving.state).toMatchObject({ name: "waiting", tries: { attempt: 1 } });
  });
});

describe("the first load", () => {
  it("[C1] starts the next rung each second until one delivers, and closes the others", () => {
    const ladder = new Driver();
    expect(ladder.open).toEqual(["socket"]);
    ladder.pass(999);
    expect(ladder.open).toEqual(["socket"]);
    ladder.pass(1);
    expect(ladder.open).toEqual(["socket", "sse"]);
    ladder.pass(1000);
    expect(ladder.open).toEqual(["socket", "sse", "long-poll"]);
    ladder.hear("sse");
    expect(ladder.state).toMatchObject({ name: "live", opening: { rung: "sse" }, first: "sse" });
    expect(ladder.open).toEqual(["sse"]);
  });

  it("[C1] starts the next rung at once when one fails, but none after an answer of the server", () => {
    const ladder = new Driver().fail("socket");
    expect(ladder.open).toEqual(["sse"]);
    ladder.fail("sse", BUSY);
    expect(ladder.state).toMatchObject({ name: "waiting", cause: { code: "overloaded" } });
  });

  it("[C1] begins with the rung that worked on the last visit, and probes the better ones later", () => {
    const ladder = new Driver("long-poll");
    expect(ladder.open).toEqual(["long-poll"]);
    ladder.hear("long-poll").liveFor(14_000, "long-poll");
    expect(ladder.open).toEqual(["long-poll", "socket"]);
  });

  it("[C1] starts over with back-off when every rung is mute", () => {
    const ladder = new Driver().pass(8000);
    expect(ladder.state).toMatchObject({ name: "waiting", tries: { attempt: 1, unanswered: 1 } });
    ladder.untilTry();
    expect(ladder.open).toEqual(["socket"]);
  });
});

describe("a connection that breaks", () => {
  it("[C1] tries the rung that worked alone, and races after two failures without an answer", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket").fail("socket");
    for (const failures of [1, 2]) {
      ladder.untilTry();
      expect(ladder.state.name, `attempt ${failures}`).toBe("connecting");
      ladder.fail("socket");
    }
    ladder.untilTry();
    expect(ladder.state).toMatchObject({ name: "racing", queue: ["sse", "long-poll", "poll"] });
    ladder.fail("socket").hear("sse");
    expect(ladder.state).toMatchObject({ name: "live", opening: { rung: "sse" } });
  });

  it("[C1] an answer of the server is no reason to fall", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket").fail("socket");
    for (let i = 0; i < 6; i += 1) {
      ladder.untilTry();
      expect(ladder.state.name).toBe("connecting");
      ladder.fail("socket", BUSY);
    }
  });

  it("[C1] an outage of the server pushes nobody down the ladder", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket").fail("socket");
    const end = ladder.now + 60_000;
    while (ladder.now < end) {
      ladder.untilTry();
      for (const one of [...RUNGS]) if (ladder.open.includes(one)) ladder.fail(one);
    }
    ladder.untilTry();
    expect(ladder.open).toEqual(["socket"]);
    ladder.hear("socket");
    expect(ladder.state).toMatchObject({ name: "live", opening: { rung: "socket" } });
  });

  it("[C1] leaves a rung that delivers but breaks twice before it was stable", () => {
    const ladder = new Driver("sse").hear("sse");
    ladder.pass(500).fail("sse").untilTry();
    expect(ladder.state).toMatchObject({ name: "connecting", opening: { rung: "sse" } });
    ladder.hear("sse").pass(500).fail("sse").untilTry();
    expect(ladder.open).toEqual(["long-poll"]);
  });

  it("[C2] is dead after 2.5 missed beats, and shown as delayed before", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket").pass(12_499);
    expect(ladder.state).toMatchObject({ name: "live", quiet: false });
    ladder.pass(1);
    expect(ladder.state).toMatchObject({ name: "live", quiet: true });
    ladder.pass(12_499);
    expect(ladder.state.name).toBe("live");
    ladder.pass(1);
    expect(ladder.state).toMatchObject({ name: "waiting", cause: { reason: "silence" } });
    expect([CLIENT_BEAT_MS, CLIENT_ACK_BYTES, CLIENT_MAX_PAGE]).toEqual([BEAT_MS, ACK_BYTES, MAX_PAGE]);
  });

  it("[C2] never waits longer than the outage has lasted, so all are back within twice its length", () => {
    for (const random of [0, 0.3, 0.7, 0.999]) {
      const ladder = new Driver().hear("socket").liveFor(20_000, "socket");
      const start = ladder.now;
      ladder.send({ type: "failed", rung: "socket", failure: CLOSED }, random);
      // Refused at once until 3 s have passed.
      for (;;) {
        ladder.now = nextDeadline(ladder.state)!;
        ladder.send({ type: "tick" }, random);
        if (ladder.now - start >= 3000) break;
        for (const one of RUNGS) ladder.send({ type: "failed", rung: one, failure: CLOSED }, random);
      }
      expect(ladder.now - start, `random ${random}`).toBeLessThanOrEqual(6000);
    }
  });

  it("[C2] the back-off starts afresh after 10 s of stability", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket").fail("socket");
    ladder.untilTry().fail("socket").untilTry().hear("socket");
    expect((ladder.state as Live).tries.attempt).toBe(2);
    ladder.pass(5000).fail("socket");
    expect(ladder.state).toMatchObject({ tries: { attempt: 3 } });
    ladder.untilTry().hear("socket").liveFor(10_000, "socket").fail("socket");
    expect(ladder.state).toMatchObject({ name: "waiting", tries: { attempt: 1, unanswered: 0 } });
  });
});

describe("climbing", () => {
  it("[C1] probes from the top down beside the rung that works, and switches without closing it first", () => {
    const ladder = new Driver()
      .fail("socket")
      .fail("sse")
      .fail("long-poll")
      .hear("poll")
      .liveFor(12_000, "poll");
    expect(ladder.open).toEqual(["poll", "socket"]);
    ladder.fail("socket");
    expect(ladder.open).toEqual(["poll", "sse"]);
    ladder.hear("sse");
    expect(ladder.open).toEqual(["sse"]);
    expect(ladder.state).toMatchObject({ name: "live", first: "sse" });
  });

  it("[C1] probes later and later, at most every 5 min, and soon again when the network or viewer is back", () => {
    const ladder = new Driver().fail("socket").hear("sse");
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const from = ladder.now;
      while (!ladder.open.includes("socket")) ladder.liveFor(1000, "sse");
      waits.push(ladder.now - from);
      ladder.fail("socket");
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000));
    ladder.send({ type: "unpark", reason: "hidden" }).liveFor(10_000, "sse");
    expect(ladder.open).toEqual(["sse", "socket"]);
  });

  it("[C1] a fixed rung is the only one tried, and is not taken for the one that works best", () => {
    const ladder = new Driver("socket");
    ladder.send({ type: "fix", choice: "sse", pollMs: 5000 });
    expect(ladder.open).toEqual(["sse"]);
    ladder.fail("sse").untilTry();
    expect(ladder.open).toEqual(["sse"]);
    ladder.hear("sse");
    expect(ladder.state).toMatchObject({ name: "live", first: "socket", probe: undefined });
  });

  it("[C1] moves to a rung that is asked for without a gap, and keeps the old one until it delivers", () => {
    const ladder = new Driver().hear("socket").liveFor(20_000, "socket");
    ladder.send({ type: "fix", choice: "poll", pollMs: 5000 });
    expect(ladder.open).toEqual(["socket", "poll"]);
    ladder.hear("poll");
    expect(ladder.open).toEqual(["poll"]);
  });

  it("[C2] judges plain polling by its own interval", () => {
    const ladder = new Driver();
    ladder.send({ type: "fix", choice: "poll", pollMs: 60_000 }).hear("poll").pass(60_000);
    expect(ladder.state).toMatchObject({ name: "live", quiet: false });
  });
});

describe("parking", () => {
  it("[C3] closes everything at once and starts over when the last reason is gone", () => {
    const ladder = new Driver().hear("socket");
    ladder.send({ type: "park", reason: "hidden" }).send({ type: "park", reason: "offline" });
    expect(ladder.open).toEqual([]);
    ladder.send({ type: "unpark", reason: "hidden" });
    expect(ladder.state.name).toBe("parked");
    ladder.send({ type: "unpark", reason: "offline" });
    expect(ladder.state).toMatchObject({ name: "racing", open: [{ rung: "socket" }] });
  });

  it("[C3] after sleep every connection is taken for dead", () => {
    const ladder = new Driver().hear("socket");
    const [before] = openRungs(ladder.state);
    ladder.now += 1;
    ladder.send({ type: "woke" });
    expect(ladder.open).toEqual(["socket"]);
    expect(openRungs(ladder.state)[0]).not.toEqual(before);
  });
});
