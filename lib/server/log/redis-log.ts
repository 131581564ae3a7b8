import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { CodedError, codeOf } from "@/lib/shared/codes";
import { compareIds, formatCursor, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import type { CommitRequest, Outcome } from "./commit";
import { createGroupCommit, DEFAULT_LIMITS, type GroupCommitLimits } from "./group-commit";
import type { Log, ReadResult } from "./log";
import { openRedis, type RedisConnection } from "./redis-connection";
import {
  AnotherLog,
  type ChainedUpdate,
  createRedisStore,
  type RedisStore,
  waitForEntries,
} from "./redis-store";
import { parseCheckpoint } from "./stored-checkpoint";
import { createTail, emitWarning, type Warn } from "./tail";

/** The pause before Redis is tried again: random, below a bound that doubles from one to the other (ms). */
const RETRY_FROM_MS = 100;
const RETRY_TO_MS = 2000;
const OPEN_LIMIT_MS = 15_000;
const RECOVERY_READ_BYTES = 1024 * 1024;
/** A read that waits for news is answered after this at the latest, and its connection is given up after more. */
const BLOCK_MS = 2000;
const BLOCK_LIMIT_MS = 6000;
/** How long an append that is stored waits until this node's own tail has told it (ms). */
const TOLD_LIMIT_MS = 2000;
/** After so many failures in a row to confirm the head, another connection is tried. */
const MAX_UNCONFIRMED = 3;

export interface RedisLogOptions {
  url: string;
  /** How long an update is kept at least (ms). */
  retentionMs?: number;
  limits?: Partial<GroupCommitLimits>;
  /** Told of what the log survives: Redis was out of reach, a tail's listener threw. */
  warn?: Warn;
}

/** The two connections of one time: commands, and the read that waits for news. */
interface Session {
  commands: RedisConnection;
  tail: RedisConnection;
  store: RedisStore;
  over: boolean;
}

/**
 * The engine for many nodes: a Redis stream. Ids and commit times are Redis's, so all nodes agree on them.
 *
 * The tail is fed by reading the stream, whoever appended, and before an append resolves this node's tail has
 * told it (unless the tail is stuck: stored is stored). When a connection ends or is not sound any more, both
 * are opened anew; what was missed is told to the tail, and the appends that were under way get their true
 * answer. Until then appends wait, within their limits, and everything else fails with `log_unavailable`.
 * When Redis then has another log, or lost what was not read yet, `replaced` is told and `open` begins anew.
 */
export function createRedisLog(options: RedisLogOptions): Log {
  const { url, retentionMs = 15 * 60_000, warn = emitWarning } = options;
  const node = randomUUID();
  const tail = createTail(warn);
  const whenReplaced = new Set<() => void>();
  const ending = new AbortController();
  let phase: "closed" | "opening" | "open" | "recovering" | "replaced" = "closed";
  let closed: Promise<void> | undefined;
  let session: Session | undefined;
  let epoch = "";
  /** Appends that are stored and wait for the tail. */
  let untold: { id: UpdateId; done: () => void }[] = [];
  /** How often in a row the head could not be confirmed. */
  let unconfirmed = 0;
  /** The number of the latest commit. There is one at a time, so it is also the one in doubt. */
  let latest = 0;

  const commits = createGroupCommit({
    commit,
    now: Date.now,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });

  async function commit(_token: string, requests: CommitRequest[]) {
    latest += 1;
    const outcomes = await use((store) => store.commit(epoch, latest, requests)).catch((error) => {
      // The log has another name: nothing was stored, and the same is tried again once it is known.
      if (codeOf(error) === "log_unavailable" && error.cause instanceof AnotherLog)
        throw new CodedError("log_busy", undefined, { cause: error });
      throw error;
    });
    await told(outcomes);
    return { outcomes };
  }

  /** Resolves when the tail has told the newest of what was appended, or is too late with it. */
  function told(outcomes: Outcome[]): Promise<void> {
    const ids = outcomes.flatMap((outcome) => (outcome.kind === "appended" ? [outcome.id] : []));
    const id = ids.at(-1);
    if (id === undefined || compareIds(id, tail.position) <= 0 || phase !== "open") return Promise.resolve();
    return new Promise((resolve) => {
      const late = () => {
        entry.done();
        fail(new Error("The tail does not tell what is stored"));
      };
      const timer = setTimeout(late, TOLD_LIMIT_MS);
      const entry = {
        id,
        done: () => {
          clearTimeout(timer);
          untold = untold.filter((other) => other !== entry);
          resolve();
        },
      };
      untold.push(entry);
    });
  }

  function announce(updates: Update[]): void {
    tail.announce(updates);
    for (const { id, done } of [...untold]) if (compareIds(id, tail.position) <= 0) done();
  }

  // ── Connections ───────────────────────────────────────────────────────────────────────────────────────

  async function connect(): Promise<Session> {
    const begun: Partial<Session> = { over: false };
    const onEnd = (error: Error) => {
      begun.over = true;
      if (session === begun) fail(error);
    };
    const [commands, tail] = await Promise.allSettled([openRedis(url, onEnd), openRedis(url, onEnd)]);
    if (commands.status === "rejected" || tail.status === "rejected") {
      for (const opened of [commands, tail]) if (opened.status === "fulfilled") opened.value.close();
      throw (commands as PromiseRejectedResult).reason ?? (tail as PromiseRejectedResult).reason;
    }
    const store = createRedisStore(commands.value, node);
    return Object.assign(begun, { commands: commands.value, tail: tail.value, store }) as Session;
  }

  function disconnect(): void {
    if (!session) return;
    session.over = true;
    session.commands.close();
    session.tail.close();
    session = undefined;
    for (const { done } of [...untold]) done();
  }

  /** The session cannot be trusted any more: another one takes its place. */
  function fail(error: Error): void {
    if (phase !== "open") return;
    phase = "recovering";
    commits.pause();
    disconnect();
    warn("The connection to Redis is opened anew", error);
    void recover();
  }

  async function recover(): Promise<void> {
    for (let bound = RETRY_FROM_MS; phase === "recovering"; bound = Math.min(RETRY_TO_MS, 2 * bound)) {
      try {
        await delay(Math.random() * bound, undefined, { signal: ending.signal });
        session = await connect();
        await goOn(session);
      } catch (error) {
        disconnect();
        if (ending.signal.aborted) return;
        if (error instanceof AnotherLog) continue;
        if (bound === RETRY_TO_MS) warn("Redis is still out of reach", error);
      }
    }
  }

  /** Goes on from the last position told, without a hole; or finds that this is another log. */
  async function goOn(current: Session): Promise<void> {
    const opened = await current.store.open(tail.position, epoch);
    while (opened.epoch === epoch && tail.position !== opened.head) {
      const missed = await current.store.read(epoch, tail.position, RECOVERY_READ_BYTES);
      if (!missed) break;
      announce(missed.updates);
      if (missed.to === missed.head) break;
    }
    if (opened.epoch !== epoch || compareIds(tail.position, opened.head) < 0) return replace();
    await settleDoubt(current);
    begin(current);
  }

  function replace(): void {
    phase = "replaced";
    commits.refusePlaces();
    warn("The log in Redis is another one now", undefined);
    for (const listener of [...whenReplaced]) listener();
  }

  async function settleDoubt({ store }: Session): Promise<void> {
    if (commits.inDoubt() !== undefined) commits.settle(await store.outcomesOf(latest));
  }

  function begin(current: Session): void {
    if (current.over || ending.signal.aborted)
      throw new CodedError("log_unavailable", "The connection ended meanwhile");
    phase = "open";
    unconfirmed = 0;
    commits.resume();
    void follow(current);
  }

  /** Tells what is appended from `position` on, until the session is over. */
  async function follow(current: Session): Promise<void> {
    try {
      while (!current.over) {
        const entries = await waitForEntries(current.tail, tail.position, BLOCK_MS, BLOCK_LIMIT_MS);
        if (!current.over) take(entries);
      }
    } catch (error) {
      if (!current.over) fail(error as Error);
    }
  }

  /** Each entry says which one it follows on. When that is not the last one told, something was removed. */
  function take(entries: ChainedUpdate[]): void {
    const hole = entries.findIndex(
      ({ before }, i) => before !== (i === 0 ? tail.position : entries[i - 1]!.update.id),
    );
    if (hole >= 0) throw new Error(`Entries are missing before ${entries[hole]!.update.id}`);
    announce(entries.map(({ update }) => update));
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Runs a call on the present session. A connection that does not answer is given up. */
  async function use<T>(work: (store: RedisStore) => Promise<T>): Promise<T> {
    const current = session;
    if (!current) throw new CodedError("log_unavailable", `The log is ${phase}`);
    try {
      return await work(current.store);
    } catch (error) {
      const lost = error instanceof AnotherLog || isUnusable(error);
      if (lost && session === current) fail(error as Error);
      if (error instanceof AnotherLog)
        throw new CodedError("log_unavailable", "The log is being opened anew", { cause: error });
      throw error;
    }
  }

  async function whenOpen<T>(work: (store: RedisStore) => Promise<T>): Promise<T> {
    if (closed) throw new CodedError("stopping");
    if (phase !== "open") throw new CodedError("log_unavailable", `The log is ${phase}`);
    return use(work);
  }

  async function read(after: UpdateId, maxBytes: number): Promise<ReadResult> {
    const found = await whenOpen((store) => store.read(epoch, after, maxBytes));
    if (!found) return { status: "gone" };
    return { status: "ok", head: found.head, from: after, to: found.to, updates: found.updates };
  }

  /** A connection that can no longer be confirmed is given up, though appends and the tail may not notice. */
  async function confirm(): Promise<UpdateId> {
    try {
      const head = await whenOpen((store) => store.head(epoch));
      unconfirmed = 0;
      return head;
    } catch (error) {
      unconfirmed += 1;
      if (unconfirmed >= MAX_UNCONFIRMED) fail(error as Error);
      throw error;
    }
  }

  async function open(seen?: UpdateId) {
    if (closed) throw new CodedError("stopping");
    if (phase === "opening" || phase === "recovering")
      throw new CodedError("log_unavailable", "The log is being opened already");
    const before = phase;
    // A connection that ends while a log in use is opened once more must still be noticed.
    if (before !== "open") phase = "opening";
    try {
      const current = before === "closed" ? await connectPatiently() : session;
      if (!current) throw new CodedError("log_unavailable", "There is no connection to Redis");
      session = current;
      const { checkpoint, ...opened } = await current.store.open(seen);
      if (session !== current) throw new CodedError("log_unavailable", "The connection ended meanwhile");
      epoch = opened.epoch;
      if (before !== "open") {
        tail.position = opened.head;
        await settleDoubt(current);
        begin(current);
      }
      return { ...opened, checkpoint: parseCheckpoint(checkpoint) };
    } catch (error) {
      if (before === "closed") {
        phase = "closed";
        disconnect();
      } else {
        if (before === "replaced") phase = "open";
        fail(error as Error);
      }
      throw error;
    }
  }

  /** At start Redis may still be on its way up. */
  async function connectPatiently(): Promise<Session> {
    const until = performance.now() + OPEN_LIMIT_MS;
    for (let bound = RETRY_FROM_MS; ; bound = Math.min(RETRY_TO_MS, 2 * bound)) {
      try {
        return await connect();
      } catch (error) {
        if (performance.now() > until || ending.signal.aborted) throw error;
        await delay(Math.random() * bound);
      }
    }
  }

  async function close(): Promise<void> {
    await commits.drain();
    ending.abort();
    phase = "closed";
    disconnect();
  }

  return {
    open,
    append: async (request) => {
      if (closed) throw new CodedError("stopping");
      if (epoch === "") throw new CodedError("log_unavailable", "The log is not open yet");
      const { id, replayed } = await commits.add(request);
      return { cursor: formatCursor(epoch, id), replayed };
    },
    read,
    places: (of) => whenOpen((store) => store.places(epoch, of)),
    seek: (ms) => whenOpen((store) => store.seek(epoch, ms)),
    tail: tail.listen,
    replaced: (listener) => {
      whenReplaced.add(listener);
      return () => whenReplaced.delete(listener);
    },
    confirm,
    saveCheckpoint: ({ id, states }) =>
      whenOpen((store) => store.saveCheckpoint(epoch, id, JSON.stringify(states))),
    trim: () => whenOpen((store) => store.trim(epoch, retentionMs)),
    stats: () => whenOpen((store) => store.stats()),
    advice: () => whenOpen((store) => store.advice()),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * Redis did not answer, is not one that this node can work with (a replica, one that still loads), or its stream
 * has had an id that this log does not know of.
 */
function isUnusable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === "unknown_outcome" ||
    /READONLY|LOADING|MASTERDOWN|equal or smaller/.test((error as Error).message)
  );
}
