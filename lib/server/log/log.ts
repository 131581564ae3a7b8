import type { Cursor, UpdateId } from "@/lib/shared/cursor";
import type { Change, ChannelState, Update } from "@/lib/shared/state";

/** An update before the engine has given it its place. */
export interface NewUpdate extends Change {
  ch: string;
}

/**
 * How far a stream (a partition of a topic, say) has been read: two numbers joined by a dash, which order like ids.
 * `after` is where the updates' messages begin, `to` the last of them. Without `after` the stream is another one under
 * an old name, and what was known of that is forgotten.
 */
export interface Place {
  of: string;
  after?: string;
  to: string;
}

export interface AppendRequest {
  /** Appended together, in this order: all of them or none. */
  updates: NewUpdate[];
  /** Stored in the same transaction. The same scope and key with another fingerprint is refused. */
  idempotency?: { scope: string; key: string; fingerprint: string };
  /**
   * Moved on in the same transaction, so that a message is stored once however often it comes. When all of them had
   * been reached before, the request counts as repeated; when only some had been passed, it fails with `place_passed`
   * and nothing is stored. They are kept for as long as the log is, not just as long as its entries.
   */
  places?: Place[];
}

export interface Appended {
  /** The last update's place: everything of this request lies at or before it. */
  cursor: Cursor;
  /** True when the idempotency key was known, so nothing was appended again. */
  replayed: boolean;
}

/** A run of the log without a hole: everything with `from < id <= to`. */
export interface Committed {
  from: UpdateId;
  to: UpdateId;
  updates: Update[];
}

/** The state of all channels at a position, saved now and then so that a start replays little. */
export interface Checkpoint {
  id: UpdateId;
  states: Record<string, ChannelState>;
}

export interface LogPosition {
  epoch: string;
  /** The newest entry, or `0-0`. */
  head: UpdateId;
  /** Everything at or before it has been trimmed; a read may start there or later. */
  floor: UpdateId;
}

export type ReadResult = ({ status: "ok"; head: UpdateId } & Committed) | { status: "gone" };

export interface LogStats {
  connections: number;
  /** Since start. */
  queries: number;
  slowQueries: number;
  /** Bytes on disk. */
  size: number;
  entries: number;
}

/**
 * One ordered log (L1–L5). Errors are `CodedError`s: `log_busy`, `log_unavailable` and `storage_full` mean
 * that nothing was stored, `unknown_outcome` that it may have been.
 */
export interface Log {
  /**
   * Connects, and checks that the log did not go back in time: when `seen` (the newest id this process has
   * read before) neither exists nor lies below the floor, the epoch is rotated (L4).
   */
  open(seen?: UpdateId): Promise<LogPosition & { checkpoint?: Checkpoint }>;
  /** Resolves once the updates are committed (L3). */
  append(request: AppendRequest): Promise<Appended>;
  /** How far these streams have been read; those that never were are left out. */
  places(of: readonly string[]): Promise<Record<string, string>>;
  /**
   * Reads on from `after`: at most `maxBytes` of stored text (but at least one update), and says where it
   * got to. `gone` (L5) when `after` lies before the floor, beyond the head, or is not an entry of this log:
   * a cursor that was handed out and is now missing proves that the log went back in time.
   */
  read(after: UpdateId, maxBytes: number): Promise<ReadResult>;
  /**
   * Where to read from to have everything since `ms`: the newest entry whose id's ms is below it, or the floor.
   * Ids never go back, so nothing with a later id's ms lies before it.
   */
  seek(ms: number): Promise<UpdateId>;
  /** Calls back for every commit from now on, in order and without a hole. Returns the way to stop. */
  tail(listener: (committed: Committed) => void): () => void;
  /**
   * Calls back when, in use, the log turned out to be another one, or to have lost what was not told yet. Until
   * `open` is called again nothing can be read; appends wait. Returns the way to stop.
   */
  replaced(listener: () => void): () => void;
  /** Asks the engine for its head through the same path that data takes (F4). Bounded in time. */
  confirm(): Promise<UpdateId>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Drops what is older than the retention and covered by the checkpoint. Returns the new floor. */
  trim(): Promise<UpdateId>;
  stats(): Promise<LogStats>;
  /** What an operator should change so that nothing acknowledged is lost, in words. */
  advice(): Promise<string[]>;
  close(): Promise<void>;
}
