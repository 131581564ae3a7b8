import type { MessagePort, Worker } from "node:worker_threads";
import { type Code, CodedError, codeOf } from "@/lib/shared/codes";
import type { SqliteStore } from "./sqlite-store";

/** Calls of a store in another thread, and their answers, matched by `n`. */
type Op = keyof SqliteStore;
interface Call {
  n: number;
  op: Op;
  args: unknown[];
}
type Reply = { n: number; value: unknown } | { n: number; error: { code: Code; detail: string } };

/** The most calls with a limit that may be with the worker, given up or not. Commits come one at a time. */
const MAX_CALLS = 1000;

/**
 * The worker's side. An error without a code means that the store's connection cannot be trusted any more:
 * it is thrown, which ends the worker.
 */
export function serveStore(port: MessagePort, store: SqliteStore): void {
  port.on("message", ({ n, op, args }: Call) => port.postMessage(answer(n, store, op, args)));
}

function answer(n: number, store: SqliteStore, op: Op, args: unknown[]): Reply {
  try {
    return { n, value: (store[op] as (...args: unknown[]) => unknown)(...args) };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return { n, error: { code, detail: (error as Error).message } };
  }
}

export interface StoreCalls {
  /** Starts the worker. Calls may be made at once. */
  start(): void;
  /**
   * Calls an operation. Errors are the store's, and `log_unavailable` when there is no worker or no answer
   * within `limit` ms. When the worker ends before it answered, the error is `lost`.
   */
  call<K extends Op>(
    op: K,
    args: Parameters<SqliteStore[K]>,
    options?: { limit?: number; lost?: Code },
  ): Promise<ReturnType<SqliteStore[K]>>;
  /** Ends the worker without ceremony; `onExit` is not called. */
  stop(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout | undefined;
  lost: Code;
}

/** The main thread's side. `onExit` is called when a worker ended by itself, with what it died of. */
export function createStoreCalls(startWorker: () => Worker, onExit: (error?: Error) => void): StoreCalls {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let calls = 0;

  function take(n: number): Waiting | undefined {
    const found = waiting.get(n);
    waiting.delete(n);
    clearTimeout(found?.timer);
    return found;
  }

  function settle(reply: Reply): void {
    const found = take(reply.n);
    if ("error" in reply) found?.reject(new CodedError(reply.error.code, reply.error.detail));
    else found?.resolve(reply.value);
  }

  /** A worker's answers arrive before its exit is told, so what still waits then was never answered. */
  function abandon(cause?: Error): void {
    worker = undefined;
    for (const n of [...waiting.keys()]) {
      const found = take(n);
      found?.reject(
        new CodedError(found.lost, `The log's worker ended${cause ? `: ${cause.message}` : ""}`, { cause }),
      );
    }
  }

  return {
    start: () => {
      const started = startWorker();
      let reason: Error | undefined;
      worker = started;
      started.on("message", settle);
      started.on("error", (error) => {
        reason = error as Error;
      });
      started.on("exit", () => {
        if (worker !== started) return;
        abandon(reason);
        onExit(reason);
      });
    },

    call: (op, args, { limit, lost = "log_unavailable" } = {}) =>
      new Promise((resolve, reject) => {
        if (!worker) throw new CodedError("log_unavailable");
        if (limit !== undefined && waiting.size >= MAX_CALLS)
          throw new CodedError("overloaded", "Too many calls wait for the log");
        const n = calls++;
        // A call given up stays in the worker's queue, so it stays counted here until it is answered.
        const expire = () => reject(new CodedError("log_unavailable", "The log did not answer in time"));
        const timer = limit === undefined ? undefined : setTimeout(expire, limit);
        waiting.set(n, { resolve: resolve as (value: unknown) => void, reject, timer, lost });
        worker.postMessage({ n, op, args } satisfies Call);
      }),

    stop: async () => {
      const stopped = worker;
      abandon();
      await stopped?.terminate();
    },
  };
}
