import { afterEach, beforeEach } from "vitest";
import type { AppendRequest, Committed, Log, ReadResult } from "@/lib/server/log/log";
import { type Cursor, compareIds, parseCursor, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";

/** Storage for logs of one engine. Every log that it makes uses the same storage, one at a time. */
export interface LogStorage {
  /** A log on this storage, not yet opened. */
  create(options?: { retentionMs?: number }): Log;
  /** The ids in the storage, seen past the engine. Looks at the time of the call. */
  storedIds(): Promise<UpdateId[]>;
  /** Keeps a copy of the storage as it is now (no log may be open). Returns the way to put it back. */
  backUp(): Promise<() => Promise<void>>;
  /** Replaces the saved checkpoint's states by something that is none. */
  spoilCheckpoint(): Promise<void>;
  /** Closes what is open and removes everything. */
  destroy(): Promise<void>;
}

/** A request of `count` updates of the feed `orders`, told apart by `label`. */
export function requestOf(label: string, count = 1, key?: string): AppendRequest {
  const updates = Array.from({ length: count }, (_, n) => ({
    ch: "orders",
    items: [{ order: count === 1 ? label : `${label}/${n}` }],
  }));
  const idempotency = key === undefined ? undefined : { scope: "test", key, fingerprint: label };
  return { updates, idempotency };
}

export function labelOf(update: Update): string {
  return String(update.items?.[0]?.order);
}

export function idOf(cursor: Cursor): UpdateId {
  const parsed = parseCursor(cursor);
  if (!parsed) throw new Error(`${cursor} is not a cursor`);
  return parsed.id;
}

/** Appends and answers the id. */
export async function put(log: Log, label: string, count = 1): Promise<UpdateId> {
  return idOf((await log.append(requestOf(label, count))).cursor);
}

/** Reads to the head in pages. `gone` when the first page is. Throws at a hole between pages. */
export async function readAll(log: Log, after = ZERO_ID, maxBytes = 100_000): Promise<Update[] | "gone"> {
  const updates: Update[] = [];
  for (let from = after; ; ) {
    const page: ReadResult = await log.read(from, maxBytes);
    if (page.status === "gone") {
      if (from === after) return "gone";
      throw new Error(`reading stopped in the middle, at ${from}`);
    }
    if (page.from !== from) throw new Error(`asked for ${from}, got ${page.from}`);
    if (page.updates.length === 0 && page.to !== page.head) throw new Error(`no progress at ${from}`);
    updates.push(...page.updates);
    if (page.to === page.head) return updates;
    from = page.to;
  }
}

/** Follows the tail, and throws in `updates` when it has a hole or goes back. */
export function follow(log: Log) {
  const commits: Committed[] = [];
  const stop = log.tail((committed) => commits.push(committed));
  return {
    commits,
    stop,
    updates(): Update[] {
      commits.forEach(({ from, to, updates }, n) => {
        const before = commits[n - 1];
        if (before && before.to !== from) throw new Error(`a hole between ${before.to} and ${from}`);
        if (updates.at(-1)?.id !== to || compareIds(updates[0]!.id, from) <= 0)
          throw new Error(`${from}..${to} does not hold what it says`);
      });
      return commits.flatMap((committed) => committed.updates);
    },
  };
}

export function isStrictlyIncreasing(ids: UpdateId[]): boolean {
  return ids.every((id, n) => n === 0 || compareIds(ids[n - 1]!, id) < 0);
}

/** Appends `count` requests, one after the other. */
export async function putMany(log: Log, count: number): Promise<UpdateId[]> {
  const ids: UpdateId[] = [];
  for (let n = 0; n < count; n++) ids.push(await put(log, `entry ${n}`));
  return ids;
}

/** An open log on a storage of its own for each test; `reopen` replaces it. */
export function useLog(createStorage: () => LogStorage) {
  let storage: LogStorage;
  let log: Log;

  /** Closes the log and opens it again, on what is in the storage then. */
  async function reopen(options?: { retentionMs?: number; seen?: UpdateId }) {
    await log.close();
    log = storage.create(options);
    return log.open(options?.seen);
  }

  async function begin(options?: { retentionMs?: number }): Promise<void> {
    storage = createStorage();
    log = storage.create(options);
    await log.open();
  }

  beforeEach(() => begin());
  afterEach(() => storage.destroy());

  return {
    get storage() {
      return storage;
    },
    get log() {
      return log;
    },
    reopen,
    /** Drops everything up to `covered`, as if the retention were over. */
    async trimTo(covered: UpdateId): Promise<UpdateId> {
      await reopen({ retentionMs: -1 });
      await log.saveCheckpoint({ id: covered, states: {} });
      return log.trim();
    },
    /** Begins again with an empty storage. */
    async renew(options?: { retentionMs?: number }): Promise<void> {
      await storage.destroy();
      await begin(options);
    },
  };
}
