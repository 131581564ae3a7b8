import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { CodedError, codeOf } from "@/lib/shared/codes";
import { formatCursor, type UpdateId } from "@/lib/shared/cursor";
import { KEY_LIFE_MS } from "./commit";
import { createGroupCommit, DEFAULT_LIMITS, type GroupCommitLimits } from "./group-commit";
import type { Log, ReadResult } from "./log";
import { lockFolder } from "./sqlite-lock";
import { createStoreCalls } from "./store-calls";
import { parseCheckpoint } from "./stored-checkpoint";
import { placeUpdate } from "./stored-update";
import { createTail, emitWarning, type Warn } from "./tail";

/** How long the log waits before it gives up (ms). */
const OPEN_LIMIT_MS = 15_000;
const CALL_LIMIT_MS = 5000;
const CONFIRM_LIMIT_MS = 2000;
/** The pause before the worker is started again: random, below a bound that doubles from one to the other (ms). */
const RESTART_FROM_MS = 100;
const RESTART_TO_MS = 5000;
/** The pause between attempts to open a database that another process holds (ms). */
const OPEN_RETRY_MS = 100;
const RECOVERY_READ_BYTES = 1024 * 1024;

export interface SqliteLogOptions {
  /** The data folder. It is made when it is not there, and used by one process at a time. */
  folder: string;
  /** How long an update is kept at least (ms). */
  retentionMs?: number;
  /** The clock that stamps appends and decides about trimming (ms). */
  now?: () => number;
  limits?: Partial<GroupCommitLimits>;
  /** Told of what the log survives: its worker ended, a tail's listener threw. */
  warn?: Warn;
  startWorker?: (folder: string) => Worker;
}

/**
 * The embedded engine: a SQLite database on a worker thread, so that an fsync stalls nobody (L3).
 *
 * Order of events after a commit: first the tail's listeners, then the producers' promises. So whoever knows
 * that an append succeeded finds it in everything that was fed by the tail, and a read is never ahead of the
 * tail. The objects given to `append` are handed on to the tail: do not change them afterwards.
 *
 * When the worker ends, for whatever reason, it is started again. What it committed and did not tell is told
 * to the tail, and the appends that were under way get their true answer. Until then appends wait, within
 * their limits, and everything else fails with `log_unavailable`. Besides the errors that `Log` names,
 * `append` fails with `idempotency_conflict`, with `overloaded` when too much waits, and with `stopping`
 * after `close`, which answers what waits, within those limits.
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  const { folder, retentionMs = 15 * 60_000, now = Date.now, warn = emitWarning } = options;
  const { startWorker = startSqliteWorker } = options;
  const tail = createTail(warn);
  const whenReplaced = new Set<() => void>();
  const ending = new AbortController();
  let phase: "closed" | "opening" | "open" | "recovering" | "failed" = "closed";
  let closed: Promise<void> | undefined;
  let unlock: (() => void) | undefined;
  let epoch = "";
  /** Query counts: what earlier workers had last told, and the present one. */
  let earlier = { queries: 0, slowQueries: 0 };
  let latest = { queries: 0, slowQueries: 0 };

  const calls = createStoreCalls(
    () => startWorker(folder),
    (error) => {
      warn("The log's worker ended", error);
      if (phase === "open") void recover();
    },
  );
  const commits = createGroupCommit({
    commit: (token, requests) => calls.call("commit", [token, requests], { lost: "unknown_outcome" }),
    announce: tail.announce,
    now,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });

  async function recover(): Promise<void> {
    phase = "recovering";
    earlier = withEarlier(latest);
    latest = { queries: 0, slowQueries: 0 };
    commits.pause();
    for (let bound = RESTART_FROM_MS; phase === "recovering"; bound = Math.min(RESTART_TO_MS, 2 * bound)) {
      try {
        await delay(Math.random() * bound, undefined, { signal: ending.signal });
        calls.start();
        await goOn();
      } catch (error) {
        if (ending.signal.aborted) return;
        warn("The log could not be opened again", error);
        await calls.stop();
      }
    }
  }

  /** Goes on from the last position told, without a hole. */
  async function goOn(): Promise<void> {
    const opened = await calls.call("open", [tail.position], { limit: OPEN_LIMIT_MS });
    if (opened.epoch !== epoch) {
      phase = "failed";
      warn("The log went back in time while it was in use", undefined);
      await calls.stop();
      for (const listener of [...whenReplaced]) listener();
      return;
    }
    while (tail.position !== opened.head) {
      const missed = await read(tail.position, RECOVERY_READ_BYTES);
      if (missed.status === "gone")
        throw new CodedError("log_unavailable", "The log changed while it was read");
      tail.announce(missed.updates);
    }
    await settleDoubt();
    phase = "open";
    commits.resume();
  }

  async function settleDoubt(): Promise<void> {
    const token = commits.inDoubt();
    if (token === undefined) return;
    commits.settle(await calls.call("outcomesOf", [token], { limit: CALL_LIMIT_MS }));
  }

  async function read(after: UpdateId, maxBytes: number): Promise<ReadResult> {
    const found = await calls.call("read", [after, maxBytes], { limit: CALL_LIMIT_MS });
    if (!found) return { status: "gone" };
    const updates = found.updates.map(({ id, at, body }) => placeUpdate(id, at, JSON.parse(body)));
    return { status: "ok", head: found.head, from: after, to: found.to, updates };
  }

  async function openStore(seen?: UpdateId) {
    const until = performance.now() + OPEN_LIMIT_MS;
    for (;;) {
      try {
        return await calls.call("open", [seen], { limit: OPEN_LIMIT_MS });
      } catch (error) {
        if (codeOf(error) !== "log_busy" || performance.now() > until) throw error;
        await delay(OPEN_RETRY_MS * (0.5 + Math.random()));
      }
    }
  }

  async function open(seen?: UpdateId) {
    if (closed) throw new CodedError("stopping");
    if (phase === "opening" || phase === "recovering")
      throw new CodedError("log_unavailable", "The log is being opened already");
    const running = phase === "open";
    unlock ??= lockFolder(folder);
    if (!running) {
      phase = "opening";
      calls.start();
    }
    try {
      const { checkpoint, ...opened } = await openStore(seen);
      epoch = opened.epoch;
      if (!running) {
        tail.position = opened.head;
        await settleDoubt();
        phase = "open";
        commits.resume();
      }
      return { ...opened, checkpoint: parseCheckpoint(checkpoint) };
    } catch (error) {
      if (!running) await release();
      throw error;
    }
  }

  async function release(): Promise<void> {
    phase = "closed";
    await calls.stop();
    unlock?.();
    unlock = undefined;
  }

  async function close(): Promise<void> {
    await commits.drain();
    ending.abort();
    if (phase === "open")
      await calls
        .call("close", [], { limit: CALL_LIMIT_MS })
        .catch((error) => warn("The log did not close", error));
    await release();
  }

  function withEarlier<T extends typeof earlier>(counts: T): T {
    const { queries, slowQueries } = earlier;
    return {
      ...counts,
      queries: counts.queries + queries,
      slowQueries: counts.slowQueries + slowQueries,
    };
  }

  /** Makes a call that needs the log to be open. */
  async function whenOpen<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new CodedError("stopping");
    if (phase !== "open") throw new CodedError("log_unavailable", `The log is ${phase}`);
    return work();
  }

  return {
    open,
    append: async (request) => {
      if (closed) throw new CodedError("stopping");
      if (phase !== "open" && phase !== "recovering")
        throw new CodedError("log_unavailable", `The log is ${phase}`);
      const { id, replayed } = await commits.add(request);
      return { cursor: formatCursor(epoch, id), replayed };
    },
    read: (after, maxBytes) => whenOpen(() => read(after, maxBytes)),
    places: (of) => whenOpen(() => calls.call("places", [of], { limit: CALL_LIMIT_MS })),
    seek: (ms) => whenOpen(() => calls.call("seek", [ms], { limit: CALL_LIMIT_MS })),
    tail: tail.listen,
    replaced: (listener) => {
      whenReplaced.add(listener);
      return () => whenReplaced.delete(listener);
    },
    confirm: () => whenOpen(() => calls.call("head", [], { limit: CONFIRM_LIMIT_MS })),
    saveCheckpoint: ({ id, states }) =>
      whenOpen(() => calls.call("saveCheckpoint", [id, JSON.stringify(states)], { limit: CALL_LIMIT_MS })),
    trim: () =>
      whenOpen(async () => {
        for (;;) {
          const step = [now() - retentionMs, now() - KEY_LIFE_MS] as [number, number];
          const { floor, more } = await calls.call("trim", step, { limit: CALL_LIMIT_MS });
          if (!more) return floor;
        }
      }),
    stats: () =>
      whenOpen(async () => {
        const stats = await calls.call("stats", [], { limit: CALL_LIMIT_MS });
        latest = { queries: stats.queries, slowQueries: stats.slowQueries };
        return withEarlier(stats);
      }),
    advice: async () => [],
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function startSqliteWorker(folder: string): Worker {
  const entry = new URL("./sqlite-worker-entry.mjs", import.meta.url);
  return new Worker(entry, { workerData: { folder }, execArgv: [] });
}
