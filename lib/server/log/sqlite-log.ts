import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { CodedError, codeOf } from "@/lib/shared/codes";
import { formatCursor, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { createGroupCommit, type GroupCommitLimits } from "./group-commit";
import type { Checkpoint, Committed, Log, LogStats, ReadResult } from "./log";
import { lockFolder } from "./sqlite-lock";
import { KEY_LIFE_MS } from "./sqlite-store";
import { createStoreCalls } from "./store-calls";
import { placeUpdate } from "./stored-update";

/** How long the log waits before it gives up, ms. */
const OPEN_LIMIT_MS = 15_000;
const CALL_LIMIT_MS = 5000;
const CONFIRM_LIMIT_MS = 2000;
/** The pause before the worker is started again: at random up to a limit that doubles from … to …, ms. */
const RESTART_FROM_MS = 100;
const RESTART_TO_MS = 5000;
const RECOVERY_READ_BYTES = 1024 * 1024;

const DEFAULT_LIMITS: GroupCommitLimits = {
  windowMs: 4,
  waitMs: 5000,
  graceMs: 2000,
  maxRequests: 10_000,
  maxBytes: 32 * 1024 * 1024,
};

export interface SqliteLogOptions {
  /** The data folder. It is made when it is not there, and used by one process at a time. */
  folder: string;
  /** How long an update is kept at least (ms). */
  retentionMs?: number;
  /** The clock that stamps appends and decides about trimming (ms). */
  now?: () => number;
  limits?: Partial<GroupCommitLimits>;
  /** Told of what the log survives: its worker ended, a tail's listener threw. */
  warn?: (message: string, error: unknown) => void;
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
 * their limits, and everything else fails with `log_unavailable`. After `close` appends fail with `stopping`.
 */
export function createSqliteLog(options: SqliteLogOptions): Log {
  const { folder, retentionMs = 15 * 60_000, now = Date.now, warn = emitWarning } = options;
  const { startWorker = startSqliteWorker } = options;
  const listeners = new Set<(committed: Committed) => void>();
  const closing = new AbortController();
  let phase: "closed" | "open" | "recovering" | "failed" | "ended" = "closed";
  let unlock: (() => void) | undefined;
  const epoch = "";
  /** Everything up to here has been told to the tail. */
  let position: UpdateId = ZERO_ID;

  const calls = createStoreCalls(
    () => startWorker(folder),
    (error) => {
      warn("The log's worker ended", error);
      if (phase === "open") void recover();
    },
  );
  const commits = createGroupCommit({
    commit: (token, requests) => calls.call("commit", [token, requests], { lost: "unknown_outcome" }),
    announce,
    now,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });

  function announce(updates: Update[]): void {
    const last = updates.at(-1);
    if (!last) return;
    const committed = { from: position, to: last.id, updates };
    position = last.id;
    for (const listener of [...listeners]) {
      try {
        listener(committed);
      } catch (error) {
        warn("A listener of the log threw", error);
      }
    }
  }

  async function recover(): Promise<void> {
    phase = "recovering";
    commits.pause();
    for (let limit = RESTART_FROM_MS; phase === "recovering"; limit = Math.min(RESTART_TO_MS, 2 * limit)) {
      try {
        await delay(Math.random() * limit, undefined, { signal: closing.signal });
        calls.start();
        await catchUp();
      } catch (error) {
        if (closing.signal.aborted) return;
        warn("The log could not be opened again", error);
        await calls.stop();
      }
    }
  }

  /** Goes on from the last position told, without a hole. */
  async function catchUp(): Promise<void> {
    const opened = await calls.call("open", [position], { limit: OPEN_LIMIT_MS });
    if (opened.epoch !== epoch) {
      phase = "failed";
      warn(`The log in ${folder} went back in time while it was in use`, undefined);
      return calls.stop();
    }
    while (position !== opened.head) {
      const { updates } = await readStored(position, RECOVERY_READ_BYTES);
      announce(updates);
    }
    const token = commits.inDoubt();
    if (token !== undefined)
      commits.settle(await calls.call("outcomesOf", [token], { limit: CALL_LIMIT_MS }));
    phase = "open";
    commits.resume();
  }

  async function readStored(after: UpdateId, maxBytes: number) {
    const found = await calls.call("read", [after, maxBytes], { limit: CALL_LIMIT_MS });
    if (!found) return { status: "gone" as const, updates: [] };
    const updates = found.updates.map(({ id, at, body }) => placeUpdate(id, at, JSON.parse(body)));
    return { status: "ok" as const, head: found.head, from: after, to: found.to, updates };
  }

  function assertOpen(): void {
    if (phase === "ended") throw new CodedError("stopping");
    if (phase === "failed")
      throw new CodedError("log_unavailable", "The log went back in time: open it again");
    if (phase !== "open") throw new CodedError("log_unavailable", "The log is not open");
  }
}
