import { Worker } from "node:worker_threads";
import { CodedError } from "@/lib/shared/codes";
import { formatCursor, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { ChannelState, Update } from "@/lib/shared/state";
import { createGroupCommit, type GroupCommitLimits } from "./group-commit";
import type { Checkpoint, Committed, Log, LogPosition, ReadResult } from "./log";
import { lockFolder } from "./sqlite-lock";
import { KEY_LIFE_MS } from "./sqlite-store";
import { createStoreCalls } from "./store-calls";
import { placeUpdate } from "./stored-update";

export interface SqliteLogOptions {
  /** Made when missing; used by one process at a time. */
  folder: string;
  /** How long updates are kept, ms. */
  retentionMs?: number;
  now?: () => number;
  limits?: Partial<GroupCommitLimits>;
}

const LIMITS: GroupCommitLimits = {
  windowMs: 4,
  waitMs: 5000,
  graceMs: 5000,
  maxRequests: 10_000,
  maxBytes: 32 * 1024 * 1024,
};
/** How long anything but a commit may take, ms. */
const CALL_MS = 5000;
const CONFIRM_MS = 2000;
/** The pause before an ended worker is started again, doubled each time in a row (ms). */
const RESTART_MS = 100;
const RESTART_MAX_MS = 10_000;
const REPLAY_BYTES = 1024 * 1024;

/** The embedded engine: SQLite in `folder`, on a worker thread, so that an fsync never stalls delivery (L3). */
export function createSqliteLog(options: SqliteLogOptions): Log {
  return new SqliteLog(options);
}

class SqliteLog implements Log {
  private readonly listeners = new Set<(committed: Committed) => void>();
  private readonly commits;
  private readonly calls;
  private epoch = "";
  /** The newest update that the tail was told of. */
  private told: UpdateId = ZERO_ID;
  private restarts = 0;
  private closed = false;
  private release: () => void = () => {};

  constructor(private readonly options: SqliteLogOptions) {
    const worker = () =>
      new Worker(new URL("./sqlite-worker-entry.mjs", import.meta.url), {
        workerData: { folder: options.folder },
        execArgv: [],
      });
    this.calls = createStoreCalls(worker, () => this.onWorkerExit());
    this.commits = createGroupCommit({
      commit: (token, requests) => this.calls.call("commit", [token, requests], { lost: "unknown_outcome" }),
      announce: (updates) => this.announce(updates),
      now: () => this.now(),
      limits: { ...LIMITS, ...options.limits },
    });
  }

  async open(seen?: UpdateId): Promise<LogPosition & { checkpoint?: Checkpoint }> {
    this.release = lockFolder(this.options.folder);
    try {
      this.calls.start();
      const { checkpoint, ...position } = await this.calls.call("open", [seen], { limit: 30_000 });
      this.epoch = position.epoch;
      this.told = position.head;
      this.commits.resume();
      const states = checkpoint && parseStates(checkpoint.states);
      return { ...position, ...(checkpoint && states && { checkpoint: { id: checkpoint.id, states } }) };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async append(request: Parameters<Log["append"]>[0]) {
    if (this.closed) throw new CodedError("stopping");
    const { id, replayed } = await this.commits.add(request);
    return { cursor: formatCursor(this.epoch, id), replayed };
  }

  async read(after: UpdateId, maxBytes: number): Promise<ReadResult> {
    const found = await this.calls.call("read", [after, maxBytes], { limit: CALL_MS });
    if (!found) return { status: "gone" };
    const updates = found.updates.map(({ id, at, body }) => placeUpdate(id, at, JSON.parse(body)));
    return { status: "ok", head: found.head, from: after, to: found.to, updates };
  }

  tail(listener: (committed: Committed) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  confirm(): Promise<UpdateId> {
    return this.calls.call("head", [], { limit: CONFIRM_MS });
  }

  saveCheckpoint({ id, states }: Checkpoint): Promise<void> {
    return this.calls.call("saveCheckpoint", [id, JSON.stringify(states)], { limit: CALL_MS });
  }

  async trim(): Promise<UpdateId> {
    const now = this.now();
    for (;;) {
      const before = now - (this.options.retentionMs ?? 15 * 60_000);
      const { floor, more } = await this.calls.call("trim", [before, now - KEY_LIFE_MS], { limit: CALL_MS });
      if (!more) return floor;
    }
  }

  stats() {
    return this.calls.call("stats", [], { limit: CALL_MS });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.commits.drain();
    await this.calls.call("close", [], { limit: CALL_MS }).catch(() => {});
    await this.calls.stop();
    this.release();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private announce(updates: Update[]): void {
    const last = updates.at(-1);
    if (!last) return;
    const committed = { from: this.told, to: last.id, updates };
    this.told = last.id;
    for (const listener of this.listeners) listener(committed);
  }

  private onWorkerExit(): void {
    this.commits.pause();
    if (this.closed) return;
    const longest = Math.min(RESTART_MAX_MS, RESTART_MS * 2 ** this.restarts++);
    setTimeout(() => void this.restart(), longest * (0.5 + Math.random() / 2)).unref();
  }

  /** Starts another worker, tells the tail what was committed unseen, and answers who waits for it. */
  private async restart(): Promise<void> {
    if (this.closed) return;
    try {
      this.calls.start();
      const { epoch } = await this.calls.call("open", [this.told], { limit: CALL_MS });
      if (epoch !== this.epoch)
        throw new CodedError("log_unavailable", "The log was replaced: restart Nowboard");
      const token = this.commits.inDoubt();
      const outcomes =
        token === undefined ? undefined : await this.calls.call("outcomesOf", [token], { limit: CALL_MS });
      await this.tellUnseen();
      if (outcomes !== undefined) this.commits.settle(outcomes);
      this.restarts = 0;
      this.commits.resume();
    } catch {
      await this.calls.stop();
      this.onWorkerExit();
    }
  }

  private async tellUnseen(): Promise<void> {
    for (;;) {
      const read = await this.read(this.told, REPLAY_BYTES);
      if (read.status === "gone" || read.updates.length === 0) return;
      this.announce(read.updates);
    }
  }
}

/** A checkpoint that cannot be read is as good as none. */
function parseStates(text: string): Record<string, ChannelState> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
