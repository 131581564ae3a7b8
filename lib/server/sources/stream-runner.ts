import type { AppendRequest, Log, NewUpdate } from "@/lib/server/log/log";
import type { Logger } from "@/lib/server/logger";
import { CodedError } from "@/lib/shared/codes";
import type { Message } from "@/lib/shared/sources/options";
import type { ChannelState } from "@/lib/shared/state";
import { inWords } from "./attempt";
import { type Clock, SYSTEM_CLOCK } from "./clock";
import { type SourceHealth, unknownHealth } from "./health";
import { ownPlaces } from "./own-places";
import { pause } from "./retry";
import { MAX_RETRY_MS } from "./source-state";
import { type StreamStore, storeStream } from "./store-stream";
import { MAX_BATCH, type Stream, type StreamContext } from "./stream";
import { type ToUpdates, updatesOf } from "./stream-updates";
import { createTeller } from "./teller";

/** A stream that is not connected after this long is ended, ms. */
const READY_MS = 15_000;
/** After so long a connection counts as sound, and the next failure as the first, ms. */
const STABLE_MS = 10_000;
/** How long a stream that was told to end may take, ms. */
const END_MS = 5000;
/** How long `stop` waits for all that is under way, ms. */
const STOP_MS = 8000;
const RETRY_FROM_MS = 1000;
const LEAST_PAUSE_MS = 100;
/** A stream that does not heed its signal is not begun again while so many of its connections go on. */
const MAX_OPEN = 4;

export interface StreamRunnerOptions {
  stream: Stream;
  append(request: AppendRequest): Promise<unknown>;
  places: Log["places"];
  /** Checks one value and makes an update of it, as for ingest. Throws a sentence. */
  validate(value: unknown, now: number): NewUpdate;
  stateOf(channel: string): ChannelState | undefined;
  log: Pick<Logger, "info" | "warn">;
  /** Is told of each connection that failed. */
  failed?: (channel: string) => void;
  clock?: Clock;
}

export interface StreamRunner {
  start(): void;
  /** What was published is gone: the stream is read on from what the log now knows. */
  startOver(): void;
  /** Tries now what waits to be tried again. */
  tryNow(): void;
  health(): SourceHealth;
  /** Resolves when nothing more will be published, at the latest after some seconds. */
  stop(): Promise<void>;
}

/** Keeps one stream connected, and brings what it hands on into the log. Its failures are its own (S2). */
export function createStreamRunner(options: StreamRunnerOptions): StreamRunner {
  const { stream, append, log, clock = SYSTEM_CLOCK } = options;
  const { channel, kind, target, policy = "every" } = stream;
  const health = unknownHealth({ channel: channel.name, title: channel.title, kind, target });
  const teller = createTeller({ channel, append, stateOf: options.stateOf, clock });
  const own = ownPlaces(channel.name, options.places);
  const end = new AbortController();
  let running: Promise<void> | undefined;
  let current: AbortController | undefined;
  /** Ends the pause before the next connection. */
  let paused: AbortController | undefined;
  /** Connections that were told to begin anew, which is no failure. */
  const isAsked = new WeakSet<AbortController>();
  /** Connections whose code has not ended. */
  let open = 0;

  async function keepRunning(): Promise<void> {
    let failures = 0;
    let since = 0;
    while (!end.signal.aborted) {
      const ended = await connection();
      if (end.signal.aborted) return;
      if (!ended) continue;
      const now = clock.now();
      const wasSound = ended.readyAt !== undefined && now - ended.readyAt >= STABLE_MS;
      failures = wasSound ? 1 : failures + 1;
      if (failures === 1) since = now;
      if (failures === 1) log.warn({ channel: channel.name, reason: ended.reason }, "a source fails");
      options.failed?.(channel.name);
      Object.assign(health, { state: "fails", failures, reason: ended.reason });
      const told = teller.fails(ended.reason);
      await rest(pauseAfter(now - since, clock.random()));
      while (open >= MAX_OPEN && !end.signal.aborted) await rest(MAX_RETRY_MS);
      await told;
    }
  }

  async function rest(ms: number): Promise<void> {
    if (end.signal.aborted) return;
    health.nextTry = clock.now() + ms;
    paused = new AbortController();
    await pause(clock, ms, paused.signal).catch(() => {});
    paused = undefined;
  }

  /** One connection from begin to end; gives why it ended, or nothing when it was asked to. */
  async function connection(): Promise<{ reason: string; readyAt?: number } | undefined> {
    const abort = new AbortController();
    current = abort;
    const { signal } = abort;
    health.lastTry = clock.now();
    let reason = "";
    let readyAt: number | undefined;
    const fail = (why: string) => {
      reason ||= why;
      abort.abort();
    };
    const timer = clock.setTimeout(() => fail(`No connection within ${READY_MS / 1000} s`), READY_MS);
    const store = storeOf(signal, fail);
    const context = contextOf(signal, store, () => {
      clock.clearTimeout(timer);
      readyAt ??= clock.now();
    });
    open += 1;
    const run = runOnce(context).then(
      () => fail("The connection ended"),
      (error) => fail(inWords(error)),
    );
    void run.then(() => {
      open -= 1;
    });
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    clock.clearTimeout(timer);
    // One that does not heed its signal is left alone: what it hands on is refused.
    const late = new AbortController();
    await Promise.race([
      Promise.all([run, store.close()]),
      pause(clock, END_MS, late.signal).catch(() => {}),
    ]);
    late.abort();
    return isAsked.has(abort) ? undefined : { reason, readyAt };
  }

  /** What throws at once rejects, too. */
  async function runOnce(context: StreamContext): Promise<void> {
    await stream.run(context);
  }

  function storeOf(signal: AbortSignal, fail: (why: string) => void): StreamStore {
    return storeStream({
      ...{ channel, policy, append, signal, clock },
      ownPlace: own.of,
      stuck: (error) => {
        if (!signal.aborted) health.reason = `Cannot be stored: ${inWords(error)}`;
      },
      failed: (error) => fail(inWords(error)),
      done: (updates) => {
        health.readings += updates;
        health.lastSuccess = clock.now();
        // After its end there is another reason, and viewers may have been told of it.
        if (signal.aborted) return;
        health.reason = null;
        if (updates > 0) teller.heard();
      },
    });
  }

  function contextOf(signal: AbortSignal, store: StreamStore, connected: () => void): StreamContext {
    const toUpdates = updatesOf(stream, options);
    const nextPlace = own.begin({ clock, signal });
    return {
      signal,
      ready() {
        if (signal.aborted) return;
        connected();
        if (health.state === "fails") log.info({ channel: channel.name }, "a source works again");
        Object.assign(health, { state: "works", failures: 0, reason: null, nextTry: null });
        health.lastSuccess = clock.now();
        teller.works(signal);
      },
      async take(messages, place) {
        if (signal.aborted) throw new CodedError("stopping");
        if (messages.length > MAX_BATCH) throw new Error(`At most ${MAX_BATCH} messages are taken at a time`);
        const updates = takeIn(messages, toUpdates);
        const left = await store.take(updates, place ?? (await nextPlace()));
        // Added only now: meanwhile the stream itself may have left some out.
        health.dropped += left;
      },
      stored: () => store.stored(),
      places: (of) => options.places(of),
      refused(messages, reason) {
        health.rejected += messages;
        health.lastRejection = reason;
      },
      leftOut(messages) {
        health.dropped += messages;
      },
      behind(waiting) {
        health.waiting = waiting;
      },
    };
  }

  function takeIn(messages: readonly Message[], toUpdates: ToUpdates): NewUpdate[] {
    const now = clock.now();
    const at = messages.findLast((message) => message.at !== undefined)?.at;
    if (at !== undefined) health.lagMs = Math.max(0, now - at);
    return messages.flatMap((message) => {
      const { updates, rejected } = toUpdates(message, now);
      if (rejected !== undefined) {
        health.rejected += 1;
        health.lastRejection = rejected;
      }
      return updates;
    });
  }

  return {
    start() {
      running = keepRunning().catch((error) => log.warn({ err: error }, "a source ended"));
    },
    startOver() {
      if (paused) return paused.abort();
      if (!current) return;
      isAsked.add(current);
      current.abort();
    },
    tryNow: () => paused?.abort(),
    health: () => ({ ...health }),
    async stop() {
      end.abort();
      current?.abort();
      paused?.abort();
      const limit = new AbortController();
      await Promise.race([
        Promise.all([running, teller.settled()]),
        pause(clock, STOP_MS, limit.signal).catch(() => {}),
      ]);
      limit.abort();
    },
  };
}

/**
 * The pause before the next connection, ms: at most as long as it has failed by now, so that what was away for some
 * seconds is found again within as many; and some time at least, against hot loops. `random` is in [0, 1).
 */
function pauseAfter(failingMs: number, random: number): number {
  const ceiling = Math.min(MAX_RETRY_MS, Math.max(RETRY_FROM_MS, failingMs));
  return Math.max(LEAST_PAUSE_MS, ceiling * random);
}
