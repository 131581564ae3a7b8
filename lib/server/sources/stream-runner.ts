import type { AppendRequest, Log, NewUpdate, Place } from "@/lib/server/log/log";
import type { Logger } from "@/lib/server/logger";
import type { Message } from "@/lib/shared/sources/options";
import type { ChannelState } from "@/lib/shared/state";
import { inWords } from "./attempt";
import { type Clock, SYSTEM_CLOCK } from "./clock";
import { type SourceHealth, unknownHealth } from "./health";
import { downChange } from "./reading";
import { MAX_RETRY_MS } from "./source-state";
import { pause, storeStream } from "./store-stream";
import { MAX_BATCH, type Stream, type StreamContext } from "./stream";
import { type ToUpdates, updatesOf } from "./stream-updates";

/** A stream that is not connected after this long is ended, ms. */
const READY_MS = 15_000;
/** After so long a connection counts as sound, and the next failure as the first, ms. */
const STABLE_MS = 10_000;
/** How long a stream that was told to end may take, ms. */
const END_MS = 5000;
const RETRY_FROM_MS = 500;

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
  const { channel, policy = "every" } = stream;
  const { kind, target } = stream;
  const health = unknownHealth({ channel: channel.name, title: channel.title, kind, target });
  const end = new AbortController();
  let running: Promise<void> | undefined;
  /** Ends the connection under way, and cuts short the wait for the next. */
  let current = new AbortController();
  let told: { reason: string; at: number } | undefined;

  async function keepRunning(): Promise<void> {
    let failures = 0;
    while (!end.signal.aborted) {
      current = new AbortController();
      const begun = clock.now();
      const reason = await connection(current);
      if (end.signal.aborted) return;
      const now = clock.now();
      // To be told to begin anew is no failure.
      if (reason === undefined) continue;
      failures = health.state === "works" && now - begun >= STABLE_MS ? 1 : failures + 1;
      if (failures === 1) log.warn({ channel: channel.name, reason }, "a source fails");
      options.failed?.(channel.name);
      const wait = clock.random() * Math.min(MAX_RETRY_MS, RETRY_FROM_MS * 2 ** failures);
      Object.assign(health, { state: "fails", failures, reason, nextTry: now + wait });
      current = new AbortController();
      await Promise.all([tell(reason), pause(clock, wait, current.signal).catch(() => {})]);
    }
  }

  /** One connection from begin to end; gives why it ended, or nothing when it was asked to. */
  async function connection(abort: AbortController): Promise<string | undefined> {
    const { signal } = abort;
    health.lastTry = clock.now();
    let ended: string | undefined;
    const fail = (reason: string) => {
      ended ??= reason;
      abort.abort();
    };
    const timer = clock.setTimeout(() => fail(`No connection within ${READY_MS / 1000} s`), READY_MS);
    const run = stream.run(contextOf(signal, () => clock.clearTimeout(timer))).then(
      () => fail("The connection ended"),
      (error) => fail(inWords(error)),
    );
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await aborted;
    clock.clearTimeout(timer);
    // One that does not heed its signal is left alone: what it hands on is refused.
    const late = new AbortController();
    await Promise.race([run, pause(clock, END_MS, late.signal).catch(() => {})]);
    late.abort();
    return isAsked.has(abort) ? undefined : ended;
  }

  const isAsked = new WeakSet<AbortController>();
  function endCurrent(): void {
    isAsked.add(current);
    current.abort();
  }

  function contextOf(signal: AbortSignal, connected: () => void): StreamContext {
    const toUpdates = updatesOf(stream, options);
    const nextPlace = ownPlaces();
    const store = storeStream({
      ...{ channel, policy, append, signal, clock },
      stuck: (error) => {
        health.reason = `Cannot be stored: ${inWords(error)}`;
      },
      done: (updates) => {
        if (updates > 0) told = undefined;
        health.reason = null;
        health.readings += updates;
        health.lastSuccess = clock.now();
      },
    });
    return {
      signal,
      ready() {
        if (signal.aborted) return;
        connected();
        if (health.state === "fails") log.info({ channel: channel.name }, "a source works again");
        Object.assign(health, { state: "works", failures: 0, reason: null, nextTry: null });
        health.lastSuccess = clock.now();
        if (told || options.stateOf(channel.name)?.down !== undefined) void tell("");
      },
      async take(messages, place) {
        if (messages.length > MAX_BATCH) throw new Error(`At most ${MAX_BATCH} messages are taken at a time`);
        const updates = takeIn(messages, toUpdates);
        health.dropped += await store.take(updates, place ?? (await nextPlace()));
      },
      stored: () => store.stored(),
      places: (of) => options.places(of),
      refused(messages, reason) {
        health.rejected += messages;
        health.lastRejection = reason;
      },
      behind(waiting) {
        health.waiting = waiting;
      },
    };
  }

  function takeIn(messages: readonly Message[], toUpdates: ToUpdates): NewUpdate[] {
    const now = clock.now();
    const at = messages.at(-1)?.at;
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

  /** Where messages have no place, each append has one, so that it can be tried again when its outcome is unknown. */
  function ownPlaces(): () => Promise<Place> {
    const of = `source/${channel.name}`;
    const before = options.places([of]).then((known) => Number(known[of]?.split("-")[0] ?? 0));
    before.catch(() => {});
    let appended = 0;
    return async () => {
      const n = (await before) + appended++;
      return { of, after: `${n}-0`, to: `${n + 1}-0` };
    };
  }

  /** Viewers are told why there is no news, once for each reason and half minute; empty: that is over. */
  async function tell(reason: string): Promise<void> {
    const now = clock.now();
    if (told?.reason === reason && now >= told.at && now - told.at < MAX_RETRY_MS) return;
    try {
      await append({ updates: [{ ch: channel.name, ...downChange(channel, reason) }] });
      told = reason === "" ? undefined : { reason, at: now };
    } catch {
      // The log is out of reach, which viewers are told of anyway.
    }
  }

  return {
    start() {
      running = keepRunning().catch((error) => log.warn({ err: error }, "a source ended"));
    },
    startOver: endCurrent,
    tryNow() {
      if (health.state === "fails") endCurrent();
    },
    health: () => ({ ...health }),
    async stop() {
      end.abort();
      current.abort();
      await running;
    },
  };
}
