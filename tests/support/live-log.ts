import type { AppendRequest, Committed, Log, ReadResult } from "@/lib/server/log/log";
import { type Cursor, parseCursor, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";

/**
 * A log with faults: it passes everything on to a real one, except for what a test makes it lose, refuse or
 * hold back.
 */
export class FaultyLog implements Log {
  /** Set to make the calls of that name fail with it. */
  readonly failing: { confirm?: Error; read?: Error; append?: Error } = {};
  /** While true, commits are not told to who follows the log. */
  dropNotifications = false;
  /** While set, they are kept here and can be told later, several in one turn. */
  heldNotifications: Committed[] | undefined;
  /** While true, no checkpoint is saved, as when the process is killed. */
  loseCheckpoints = false;
  private listener: (committed: Committed) => void = () => {};
  /** Awaited before a read is handed on. */
  holdReads: (() => Promise<unknown>) | undefined;
  /** Awaited before an append is handed on. */
  holdAppends: (() => Promise<unknown>) | undefined;
  /** How many reads have been asked for, and how often the head was confirmed. */
  reads = 0;
  confirmed = 0;

  constructor(private readonly real: Log) {}

  open(seen?: UpdateId) {
    return this.real.open(seen);
  }

  async append(request: AppendRequest) {
    if (this.failing.append) throw this.failing.append;
    await this.holdAppends?.();
    return this.real.append(request);
  }

  async read(after: UpdateId, maxBytes: number): Promise<ReadResult> {
    this.reads += 1;
    if (this.failing.read) throw this.failing.read;
    await this.holdReads?.();
    return this.real.read(after, maxBytes);
  }

  places(of: readonly string[]) {
    return this.real.places(of);
  }

  seek(ms: number) {
    return this.real.seek(ms);
  }

  tail(listener: (committed: Committed) => void) {
    this.listener = listener;
    return this.real.tail((committed) => {
      if (this.heldNotifications) this.heldNotifications.push(committed);
      else if (!this.dropNotifications) listener(committed);
    });
  }

  replaced(listener: () => void) {
    return this.real.replaced(listener);
  }

  /** Tells the held notifications, in one turn. */
  release(): void {
    const held = this.heldNotifications ?? [];
    this.heldNotifications = undefined;
    for (const committed of held) this.listener(committed);
  }

  async confirm() {
    if (this.failing.confirm) throw this.failing.confirm;
    const head = await this.real.confirm();
    this.confirmed += 1;
    return head;
  }

  async saveCheckpoint(...args: Parameters<Log["saveCheckpoint"]>) {
    if (!this.loseCheckpoints) await this.real.saveCheckpoint(...args);
  }

  trim() {
    return this.real.trim();
  }

  stats() {
    return this.real.stats();
  }

  advice() {
    return this.real.advice();
  }

  close() {
    return this.real.close();
  }
}

/** Everything that the log holds after `from`, read through the engine: the truth that viewers are held to. */
export async function contentOf(log: Log, from: UpdateId = ZERO_ID): Promise<Update[]> {
  const updates: Update[] = [];
  for (let after = from; ; ) {
    const read = await log.read(after, 1024 * 1024);
    if (read.status === "gone") throw new Error(`the log has nothing at ${after}`);
    updates.push(...read.updates);
    if (read.to === read.head) return updates;
    after = read.to;
  }
}

export function idOf(cursor: Cursor): UpdateId {
  return parseCursor(cursor)!.id;
}
