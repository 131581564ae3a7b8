/**
 * The ladder (C1–C3) as a pure state machine. There are no effects: which rungs must be open and when the next
 * tick is due are functions of the state (`openRungs`, `nextDeadline`), so a shell only compares.
 */
import {
  allowedRungs,
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  type Choice,
  type Connecting,
  type EventName,
  type EventOf,
  type Failure,
  FIRST_DELIVERY_MS,
  type Ladder,
  type LadderContext,
  type LadderEvent,
  type Live,
  LOG_BACKOFF_MS,
  MOVE_MIN_MS,
  type Opening,
  type Parked,
  type ParkReason,
  PROBE_MAX_MS,
  PROBE_MIN_MS,
  type Probe,
  type Racing,
  RETRY_AFTER_MAX_MS,
  type Rung,
  STABLE_MS,
  STAGGER_MS,
  type StateName,
  type StateOf,
  type Stopped,
  silenceLimits,
  type Tries,
  type Waiting,
} from "./ladder-state";

type Handlers = {
  readonly [S in StateName]: {
    readonly [E in EventName]: (state: StateOf<S>, event: EventOf<E>, context: LadderContext) => Ladder;
  };
};

/** The state after an event. Total: every event is allowed in every state. */
export function transition(state: Ladder, event: LadderEvent, context: LadderContext): Ladder {
  const handler = HANDLERS[state.name][event.type] as (
    state: Ladder,
    event: LadderEvent,
    context: LadderContext,
  ) => Ladder;
  return handler(state, event, context);
}

const NO_TRIES: Tries = { attempt: 0, unanswered: 0, flaps: 0, probes: 0, since: 0 };
const TIMED_OUT: Failure = { reason: "timeout", answered: false, message: "There was no answer in time" };
const SILENT: Failure = { reason: "silence", answered: false, message: "The connection went silent" };

/** The server holds no more connections, from anybody or from here; it still answers polls (H4). */
const FULL: ReadonlySet<string> = new Set(["server_full", "too_many_connections"]);

// ── What every state shares ─────────────────────────────────────────────────────────────────────────────

function base({ choice, pollMs, first }: Ladder) {
  return { choice, pollMs, first };
}

const stay = (state: Ladder): Ladder => state;

const halt = (state: Ladder): Stopped => ({ ...base(state), name: "stopped" });

const park = (state: Ladder, { reason }: { reason: ParkReason }): Parked => ({
  ...base(state),
  name: "parked",
  reasons: [reason],
});

const refix = <S extends Ladder>(state: S, { choice, pollMs }: EventOf<"fix">): S => ({
  ...state,
  choice,
  pollMs,
});

/** Nothing is known about what is open: begin as on the first load. */
const startOver = (state: Ladder, _event: unknown, { now }: LadderContext): Racing =>
  race(state, NO_TRIES, now);

const running = { start: stay, stop: halt, park } as const;

/** Spelled as in `nextDeadline`: a difference would be rounded otherwise, and the tick at the deadline early. */
const isMute = ({ at }: Opening, now: number): boolean => now >= at + FIRST_DELIVERY_MS;

// ── Attempts ────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Starts the rungs one after another, beginning with the one that worked last. Those above it come last: a
 * rung that is too good for this network is looked for later, by probes.
 */
function race(from: Ladder, tries: Tries, now: number, cause?: Failure): Racing {
  const rungs = allowedRungs(from.choice);
  const start = from.first ? Math.max(0, rungs.indexOf(from.first)) : 0;
  const [rung, ...queue] = [...rungs.slice(start), ...rungs.slice(0, start)] as [Rung, ...Rung[]];
  const open = [{ rung, at: now }];
  return { ...base(from), name: "racing", open, queue, nextAt: now + STAGGER_MS, tries, cause };
}

function openNext(state: Racing, now: number): Racing {
  const [rung, ...queue] = state.queue;
  if (!rung) return state;
  return { ...state, open: [...state.open, { rung, at: now }], queue, nextAt: now + STAGGER_MS };
}

/**
 * One rung of a race is lost: the next starts at once. After an answer none does, as the server would say the
 * same on every rung.
 */
function lose(state: Racing, rung: Rung, failure: Failure, context: LadderContext): Racing | Waiting {
  const open = state.open.filter((opening) => opening.rung !== rung);
  if (open.length === state.open.length) return state;
  const queue = failure.answered ? [] : state.queue;
  // Of several failures the server's own words say most.
  const cause = state.cause?.answered && !failure.answered ? state.cause : failure;
  if (open.length === 0 && queue.length === 0) return retryLater(state, state.tries, cause, context);
  return openNext({ ...state, open, queue, cause }, context.now);
}

/**
 * Exponential back-off with full jitter (C2), 0.5 s to 30 s. The ceiling is the time that has passed since the
 * first failure, so whoever comes back after an outage is found again within as long as it lasted: all clients
 * of a server that was away for 3 s return within 6 s. A tenth is kept as a floor against hot loops.
 */
function retryLater(from: Ladder, tries: Tries, cause: Failure, { now, random }: LadderContext): Waiting {
  const since = tries.attempt === 0 ? now : tries.since;
  const most = cause.code === "log_unavailable" ? LOG_BACKOFF_MS : BACKOFF_MAX_MS;
  const ceiling = Math.min(most, Math.max(BACKOFF_MIN_MS, now - since));
  const asked = Math.min(RETRY_AFTER_MAX_MS, Math.max(0, cause.retryAfterMs ?? 0));
  return {
    ...base(from),
    name: "waiting",
    until: now + asked + ceiling * (0.1 + 0.9 * random),
    tries: {
      ...tries,
      attempt: tries.attempt + 1,
      unanswered: cause.answered ? 0 : tries.unanswered + 1,
      since,
    },
    cause,
  };
}

/**
 * The wait is over. A rung that has worked is tried by itself first. After two failures without an answer it
 * is tried beside the rungs below it (C1): the one that delivers first wins, so that a blocked rung is left at
 * once, while an outage of the server pushes nobody down.
 */
function tryAgain(state: Waiting, _event: unknown, { now }: LadderContext): Ladder {
  if (now < state.until) return state;
  const { first, tries, cause } = state;
  const alone = first && tries.unanswered < 2 && allowedRungs(state.choice).includes(first);
  if (!alone) return race(state, tries, now, cause);
  return { ...base(state), name: "connecting", opening: { rung: first, at: now }, tries, cause };
}

function connectFailed(state: Connecting, failure: Failure, context: LadderContext): Waiting {
  return retryLater(state, state.tries, failure, context);
}

// ── Live ────────────────────────────────────────────────────────────────────────────────────────────────

function goLive(from: Ladder, opening: Opening, tries: Tries, context: LadderContext): Live {
  const { choice, pollMs } = from;
  const probe = nextProbe(choice, opening.rung, tries.probes, context);
  // A fixed rung says nothing about what works best.
  const first = choice === "auto" ? opening.rung : from.first;
  const { now } = context;
  return {
    choice,
    pollMs,
    first,
    name: "live",
    opening,
    since: now,
    heardAt: now,
    quiet: false,
    probe,
    // What it delivered is an answer.
    tries: { ...tries, unanswered: 0 },
  };
}

/** The rungs worth climbing to: those above, or any allowed one when the current is not allowed any more. */
function betterRungs(choice: Choice, rung: Rung): readonly Rung[] {
  const rungs = allowedRungs(choice);
  const place = rungs.indexOf(rung);
  return place < 0 ? rungs : rungs.slice(0, place);
}

function nextProbe(
  choice: Choice,
  rung: Rung,
  probes: number,
  { now, random }: LadderContext,
  atLeastMs = 0,
): Probe | undefined {
  if (betterRungs(choice, rung).length === 0) return undefined;
  const wait = Math.min(PROBE_MAX_MS, PROBE_MIN_MS * 2 ** probes) * (0.75 + random / 2);
  return { next: now + Math.max(wait, atLeastMs) };
}

/** A probe goes down from the best rung; when none delivers, it is repeated later and later. */
function probeFailed(state: Live, probed: Rung, failure: Failure, context: LadderContext): Live {
  const better = betterRungs(state.choice, state.opening.rung);
  const next = better[better.indexOf(probed) + 1];
  if (next && !failure.answered) return { ...state, probe: { open: { rung: next, at: context.now } } };
  const tries = { ...state.tries, probes: state.tries.probes + 1 };
  const asked = Math.min(PROBE_MAX_MS, failure.retryAfterMs ?? 0);
  const probe = nextProbe(state.choice, state.opening.rung, tries.probes, context, asked);
  return { ...state, tries, probe };
}

/** The tries of a connection that was good until then: nothing is left of them but the probes (C2). */
function triesAt(state: Live, until: number): Tries {
  return until - state.since >= STABLE_MS ? { ...NO_TRIES, probes: state.tries.probes } : state.tries;
}

/**
 * A connection broke. After a stable time that is nothing against its rung. A rung that delivers but does not
 * last, twice in a row, is left for the one below.
 */
function drop(state: Live, failure: Failure, context: LadderContext): Waiting {
  const { rung } = state.opening;
  if (failure.code !== undefined && FULL.has(failure.code)) return stepDown(state, failure, context);
  // Silence was no good time: a proxy may let one frame through and hold back the rest.
  const known = triesAt(state, failure.reason === "silence" ? state.heardAt : context.now);
  if (known !== state.tries) {
    const isTop = betterRungs(state.choice, rung).length === 0;
    const waiting = retryLater(state, isTop ? NO_TRIES : known, failure, context);
    return { ...waiting, tries: { ...waiting.tries, unanswered: 0 } };
  }
  const flaps = failure.answered ? state.tries.flaps : state.tries.flaps + 1;
  if (flaps < 2) return retryLater(state, { ...state.tries, flaps }, failure, context);
  return stepDown(state, failure, context);
}

/** The rung below is tried next. */
function stepDown(state: Live, failure: Failure, context: LadderContext): Waiting {
  const rungs = allowedRungs(state.choice);
  const { rung } = state.opening;
  const below = rungs[rungs.indexOf(rung) + 1] ?? rung;
  const first = state.choice === "auto" ? below : state.first;
  return retryLater({ ...state, first }, { ...state.tries, flaps: 0 }, failure, context);
}

function liveHeard(state: Live, { rung }: EventOf<"heard">, context: LadderContext): Live {
  if (rung === state.opening.rung) return { ...state, heardAt: context.now, quiet: false };
  if (!state.probe || !("open" in state.probe) || state.probe.open.rung !== rung) return state;
  const tries = triesAt(state, context.now);
  return goLive(state, state.probe.open, { ...tries, probes: tries.probes + 1 }, context);
}

/** The server spreads its clients over time itself, so who is moved comes back at once. */
function move(state: Live, cause: Failure, { now }: LadderContext): Connecting {
  const opening = { rung: state.opening.rung, at: now };
  return { ...base(state), name: "connecting", opening, tries: triesAt(state, now), cause };
}

function liveFailed(state: Live, { rung, failure }: EventOf<"failed">, context: LadderContext): Ladder {
  if (rung === state.opening.rung) {
    const isMove = failure.reason === "moved" && context.now - state.since >= MOVE_MIN_MS;
    return isMove ? move(state, failure, context) : drop(state, failure, context);
  }
  const isProbe = state.probe && "open" in state.probe && state.probe.open.rung === rung;
  return isProbe ? probeFailed(state, rung, failure, context) : state;
}

function liveTick(state: Live, _event: unknown, context: LadderContext): Ladder {
  const { now } = context;
  const limits = silenceLimits(state.opening.rung, state.pollMs);
  if (now >= state.heardAt + limits.dead) return drop(state, SILENT, context);
  const isQuiet = now >= state.heardAt + limits.delayed;
  const next = isQuiet && !state.quiet ? { ...state, quiet: true } : state;
  const { probe } = next;
  if (!probe) return next;
  if ("open" in probe) {
    return isMute(probe.open, now) ? probeFailed(next, probe.open.rung, TIMED_OUT, context) : next;
  }
  const [best] = betterRungs(state.choice, state.opening.rung);
  return now >= probe.next && best ? { ...next, probe: { open: { rung: best, at: now } } } : next;
}

/** The network or the viewer is back: what failed before may work now, so probing starts afresh. */
function liveUnpark(state: Live, _event: unknown, context: LadderContext): Live {
  if (!state.probe || "open" in state.probe) return state;
  const probe = nextProbe(state.choice, state.opening.rung, 0, context);
  const sooner = probe && "next" in probe && probe.next < state.probe.next ? probe : state.probe;
  return { ...state, tries: { ...state.tries, probes: 0 }, probe: sooner };
}

/** Another rung is asked for: the current one stays open until a rung that is allowed delivers. */
function liveFix(state: Live, event: EventOf<"fix">, context: LadderContext): Live {
  if (event.choice === state.choice) return refix(state, event);
  const tries = { ...state.tries, probes: 0 };
  const allowed = allowedRungs(event.choice);
  const isAllowed = allowed.includes(state.opening.rung);
  const probe = isAllowed
    ? nextProbe(event.choice, state.opening.rung, 0, context)
    : { open: { rung: allowed[0]!, at: context.now } };
  return { ...refix(state, event), tries, probe };
}

// ── The table ───────────────────────────────────────────────────────────────────────────────────────────

const attemptFix = (state: Racing | Connecting, event: EventOf<"fix">, context: LadderContext): Ladder =>
  event.choice === state.choice ? refix(state, event) : startOver(refix(state, event), event, context);

const HANDLERS: Handlers = {
  stopped: {
    start: (state, { reasons }, context) =>
      reasons.length > 0 ? { ...base(state), name: "parked", reasons } : startOver(state, undefined, context),
    stop: stay,
    heard: stay,
    failed: stay,
    tick: stay,
    park: stay,
    unpark: stay,
    woke: stay,
    fix: refix,
  },
  parked: {
    start: stay,
    stop: halt,
    heard: stay,
    failed: stay,
    tick: stay,
    park: (state, { reason }) =>
      state.reasons.includes(reason) ? state : { ...state, reasons: [...state.reasons, reason] },
    unpark: (state, { reason }, context) => {
      const reasons = state.reasons.filter((other) => other !== reason);
      return reasons.length > 0 ? { ...state, reasons } : startOver(state, undefined, context);
    },
    woke: stay,
    fix: refix,
  },
  racing: {
    ...running,
    heard: (state, { rung }, context) => {
      const opening = state.open.find((candidate) => candidate.rung === rung);
      return opening ? goLive(state, opening, state.tries, context) : state;
    },
    failed: (state, { rung, failure }, context) => lose(state, rung, failure, context),
    tick: (state, _event, context) => {
      let next: Racing | Waiting = state;
      for (const opening of state.open) {
        if (next.name === "racing" && isMute(opening, context.now))
          next = lose(next, opening.rung, TIMED_OUT, context);
      }
      return next.name === "racing" && context.now >= next.nextAt ? openNext(next, context.now) : next;
    },
    unpark: stay,
    woke: startOver,
    fix: attemptFix,
  },
  connecting: {
    ...running,
    heard: (state, { rung }, context) =>
      rung === state.opening.rung ? goLive(state, state.opening, state.tries, context) : state,
    failed: (state, { rung, failure }, context) =>
      rung === state.opening.rung ? connectFailed(state, failure, context) : state,
    tick: (state, _event, context) =>
      isMute(state.opening, context.now) ? connectFailed(state, TIMED_OUT, context) : state,
    unpark: stay,
    woke: startOver,
    fix: attemptFix,
  },
  live: {
    ...running,
    heard: liveHeard,
    failed: liveFailed,
    tick: liveTick,
    unpark: liveUnpark,
    woke: startOver,
    fix: liveFix,
  },
  waiting: {
    ...running,
    heard: stay,
    failed: stay,
    tick: tryAgain,
    unpark: (state, _event, { now }) => race(state, state.tries, now, state.cause),
    woke: startOver,
    fix: refix,
  },
};
