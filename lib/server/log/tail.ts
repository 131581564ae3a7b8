import { type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import type { Committed } from "./log";

export type Warn = (message: string, error: unknown) => void;

/** Who follows a log, and up to where they have been told everything. */
export interface Tail {
  /** To be set when a log is opened; `announce` moves it on. */
  position: UpdateId;
  /** See `Log.tail`. */
  listen(listener: (committed: Committed) => void): () => void;
  /** Tells what follows on `position`. A listener that throws keeps nobody from hearing of it. */
  announce(updates: Update[]): void;
}

export function createTail(warn: Warn): Tail {
  const listeners = new Set<(committed: Committed) => void>();
  const tail: Tail = {
    position: ZERO_ID,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: (updates) => {
      const last = updates.at(-1);
      if (!last) return;
      const committed = { from: tail.position, to: last.id, updates };
      tail.position = last.id;
      for (const listener of [...listeners]) {
        try {
          listener(committed);
        } catch (error) {
          warn("A listener of the log threw", error);
        }
      }
    },
  };
  return tail;
}

/** What an engine warns with when nobody else wants to know. */
export function emitWarning(message: string, error: unknown): void {
  process.emitWarning(error === undefined ? message : `${message}: ${(error as Error).message}`);
}
