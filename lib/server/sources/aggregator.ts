import type { NewUpdate } from "@/lib/server/log/log";
import type { Logger } from "@/lib/server/logger";
import { codeOf } from "@/lib/shared/codes";
import type { ChannelState } from "@/lib/shared/state";
import { type Attempt, beginRead } from "./attempt";
import { type Clock, SYSTEM_CLOCK } from "./clock";
import type { Source } from "./define-source";
import { type SourceHealth, unknownHealth } from "./health";
import {
  anew,
  INITIAL,
  nextRead,
  type Outcome,
  type Settled,
  type SourceState,
  settle,
  tickAfter,
} from "./source-state";

/** How long a tick's publishing waits for its readings, ms. */
const WINDOW_MS = 50;
/** How long `stop` waits for a publishing under way, ms. */
const STOP_MS = 5000;
/** A source that does not heed its signal is not asked again while so many of its cut reads go on. */
const MAX_OPEN = 4;
const NOTHING_STORED = new Set(["log_busy", "log_unavailable", "storage_full", "overloaded", "stopping"]);

export interface AggregatorOptions {
  sources: readonly Source[];
  /** Resolves once the updates are in the log, rejects with a `CodedError`. Never called while one is pending. */
  publish(updates: NewUpdate[]): Promise<unknown>;
  /** What the log has of a channel, so that rows which vanished unseen are deleted. */
  stateOf(channel: string): ChannelState | undefined;
  log: Pick<Logger, "info" | "warn">;
  /** Is told of each read that failed. */
  failed?: (channel: string) => void;
  clock?: Clock;
}

export interface Aggregator {
  start(): void;
  /** Reads a source now, whenever its turn is; nothing when it is being read. */
  tryNow(channel: string): void;
  health(): SourceHealth[];
  /** What was published is gone: the next reading of each source is sent whole. */
  startOver(): void;
  /** Aborts the reads; resolves when nothing more will be published, at the latest after five seconds. */
  stop(): Promise<void>;
}

/** One source and where it stands: idle, reading, or waiting for its reading to be published. */
interface Run {
  source: Source;
  state: SourceState;
  nextAt: number;
  busy: boolean;
  /** Its reading under way builds on what is gone, so the one after it is sent whole too. */
  outdated?: boolean;
  attempt?: Attempt;
  health: SourceHealth;
  /** Reads that are not over: the one under way, and cut ones that go on regardless. */
  open: number;
}

/**
 * Reads the pull sources, each at its cadence and apart from all others, and publishes what changed. Readings
 * of one tick share one publishing (H2). There is at most one publishing at a time, and a source is not read
 * again before its last reading is published or failed, so a slow log makes readings rarer instead of piling
 * them up.
 */
export function createAggregator(options: AggregatorOptions): Aggregator {
  const { sources, publish, stateOf, log, clock = SYSTEM_CLOCK } = options;
  const runs = sources.map(
    (source): Run => ({ source, state: INITIAL, nextAt: 0, busy: false, open: 0, health: healthOf(source) }),
  );
  let stopped = false;
  /** Readings that are ready to be published; at most one of each source. */
  let outbox: { run: Run; settled: Settled }[] = [];
  /** Sources that the current tick still waits for. */
  const awaited = new Set<Run>();
  let windowTimer: unknown;
  let tickTimer: unknown;
  let plannedAt = 0;
  /** When the next tick is, ms. */
  let wakeAt = 0;
  let publishing: Promise<void> | undefined;
  /** The last publishing failed. */
  let unheard = false;

  function plan(now: number): void {
    for (const run of runs) run.nextAt = tickAfter(now, run.source.cadence);
  }

  function schedule(): void {
    plannedAt = clock.now();
    clock.clearTimeout(tickTimer);
    wakeAt = Math.min(...runs.map((run) => run.nextAt));
    if (wakeAt < Number.POSITIVE_INFINITY) tickTimer = clock.setTimeout(tick, wakeAt - plannedAt);
  }

  /** A timer may fire a millisecond early: then nothing is due, and it is set again. */
  function tick(): void {
    const now = clock.now();
    // After a step back of the clock the sources would wait for the old time, so all are planned anew.
    if (now < plannedAt) plan(now);
    for (const run of runs) {
      if (run.nextAt > now) continue;
      run.nextAt = tickAfter(now, run.source.cadence);
      if (run.busy) continue;
      if (run.open >= MAX_OPEN) {
        run.health.nextTry = run.nextAt;
        continue;
      }
      run.busy = true;
      awaited.add(run);
      void readOnce(run);
    }
    if (awaited.size > 0) windowTimer ??= clock.setTimeout(closeWindow, WINDOW_MS);
    schedule();
  }

  async function readOnce(run: Run): Promise<void> {
    const { channel, cadence } = run.source;
    run.attempt = beginRead(run.source, clock);
    run.health.lastTry = clock.now();
    run.open += 1;
    void run.attempt.over.then(() => {
      run.open -= 1;
    });
    const outcome = await run.attempt.outcome;
    if (stopped) return;
    const now = clock.now();
    const state = stateOf(channel.name);
    const known = state?.kind === "table" ? Object.keys(state.rows) : [];
    const settled = settle(channel, run.state, outcome, now, known);
    const { failures } = settled.published;
    const asked = "failed" in outcome ? outcome.askedMs : undefined;
    if (failures > 0) run.nextAt = nextRead(now, cadence, failures, clock.random(), asked);
    else run.nextAt = Math.min(run.nextAt, tickAfter(now, cadence));
    // It was tried out of turn, so its next turn may come before all others.
    if (run.nextAt < wakeAt) schedule();
    tell(run, outcome);
    note(run, outcome, failures, now);
    outbox.push({ run, settled });
    awaited.delete(run);
    if (awaited.size === 0) closeWindow();
  }

  function closeWindow(): void {
    clock.clearTimeout(windowTimer);
    windowTimer = undefined;
    awaited.clear();
    flush();
  }

  function flush(): void {
    if (publishing || outbox.length === 0 || stopped) return;
    const batch = outbox;
    outbox = [];
    publishing = publishBatch(batch).finally(() => {
      publishing = undefined;
      if (windowTimer === undefined) flush();
    });
  }

  async function publishBatch(batch: typeof outbox): Promise<void> {
    const updates = batch.flatMap(({ settled }) => settled.update ?? []);
    let result: keyof Omit<Settled, "update"> = "published";
    try {
      if (updates.length > 0) await publish(updates);
      unheard = false;
    } catch (err) {
      result = NOTHING_STORED.has(codeOf(err) ?? "") ? "unpublished" : "unknown";
      if (!unheard) log.warn({ err }, "readings cannot be published");
      unheard = true;
    }
    for (const { run, settled } of batch) {
      run.state = run.outdated ? anew(settled[result]) : settled[result];
      run.busy = run.outdated = false;
    }
  }

  function note({ health, nextAt }: Run, outcome: Outcome, failures: number, now: number): void {
    const failed = "failed" in outcome;
    Object.assign(health, { state: failed ? "fails" : "works", failures });
    Object.assign(health, { reason: failed ? outcome.failed : null, nextTry: failed ? nextAt : null });
    if (failed) return;
    health.lastSuccess = now;
    health.readings += 1;
  }

  /** The operator's log has the beginning and the end of a failure, not each attempt. */
  function tell({ source, state }: Run, outcome: Outcome): void {
    const channel = source.channel.name;
    if ("failed" in outcome) {
      options.failed?.(channel);
      if (state.failures === 0) log.warn({ channel, reason: outcome.failed }, "a source fails");
    } else if (state.failures > 0) log.info({ channel, failures: state.failures }, "a source works again");
  }

  return {
    start() {
      plan(clock.now());
      schedule();
    },

    tryNow(channel) {
      const run = runs.find(({ source }) => source.channel.name === channel);
      if (!run || run.busy || run.open >= MAX_OPEN || stopped) return;
      run.busy = true;
      void readOnce(run);
    },

    health: () => runs.map(({ health }) => ({ ...health })),

    startOver() {
      for (const run of runs) {
        run.state = anew(run.state);
        run.outdated = run.busy;
      }
    },

    async stop() {
      stopped = true;
      for (const run of runs) run.attempt?.cut();
      clock.clearTimeout(tickTimer);
      clock.clearTimeout(windowTimer);
      if (!publishing) return;
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, STOP_MS);
        void publishing?.finally(() => {
          clock.clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}

function healthOf({ channel, kind, target }: Source): SourceHealth {
  return unknownHealth({ channel: channel.name, title: channel.title, kind, target });
}
