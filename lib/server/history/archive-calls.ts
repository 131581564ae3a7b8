import type { MessagePort, Worker } from "node:worker_threads";
import { CodedError } from "@/lib/shared/codes";
import type { Archive } from "./archive";

type Op = keyof Archive;
interface Call {
  n: number;
  op: Op;
  args: unknown[];
}
type Reply = { n: number; value: unknown } | { n: number; error: string };

/** How long an answer is waited for, ms. Longer than the database's own limits, so that those speak first. */
const CALL_LIMIT_MS = 20_000;
const CLOSE_LIMIT_MS = 2000;
/** The most calls that wait at a time; and of those that only read, so that readers never keep the archive from being filled. */
const MAX_CALLS = 64;
const MAX_READS = 48;
const READS: ReadonlySet<Op> = new Set(["range", "annotations", "annotation"]);
/** The pause before a worker that ended is started again: random, below a bound that doubles (ms). */
const RESTART_FROM_MS = 200;
const RESTART_TO_MS = 10_000;

/** The worker's side. `conceal` takes what is secret out of an error's words. */
export function serveArchive(port: MessagePort, archive: Archive, conceal: (text: string) => string): void {
  port.on("message", ({ n, op, args }: Call) => {
    const call = archive[op] as (...args: unknown[]) => Promise<unknown>;
    call(...args).then(
      (value) => port.postMessage({ n, value } satisfies Reply),
      (error: Error) => port.postMessage({ n, error: conceal(error.message) } satisfies Reply),
    );
  });
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * An archive in a thread of its own, so that neither SQLite nor the building of SQL stalls delivery. The thread is
 * started by the first call. One that ends, or does not answer in time, is replaced at a later call; a call that was
 * under way fails with `history_unavailable`, and may have been done.
 */
export function archiveInWorker(
  startWorker: () => Worker,
  warn: (message: string, error: unknown) => void,
): Archive {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let isClosed = false;
  let calls = 0;
  let pauseBound = RESTART_FROM_MS;
  let notBefore = 0;

  function settle(reply: Reply): void {
    const found = waiting.get(reply.n);
    if (!found) return;
    waiting.delete(reply.n);
    clearTimeout(found.timer);
    pauseBound = RESTART_FROM_MS;
    if ("error" in reply)
      found.reject(new CodedError("history_unavailable", undefined, { cause: new Error(reply.error) }));
    else found.resolve(reply.value);
  }

  /** Gives the present worker up; what waits for it fails. */
  function abandon(cause: Error): void {
    const given = worker;
    worker = undefined;
    void given?.terminate();
    notBefore = performance.now() + Math.random() * pauseBound;
    pauseBound = Math.min(RESTART_TO_MS, 2 * pauseBound);
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(new CodedError("history_unavailable", undefined, { cause }));
    }
    waiting.clear();
  }

  function running(): Worker {
    if (isClosed) throw new CodedError("stopping");
    if (worker) return worker;
    if (performance.now() < notBefore)
      throw new CodedError("history_unavailable", "The archive is being started again");
    const started = startWorker();
    let reason = new Error("The archive's worker ended");
    worker = started;
    started.on("message", settle);
    started.on("error", (error) => {
      reason = error as Error;
    });
    started.on("exit", () => {
      if (worker !== started) return;
      warn("The archive's worker ended", reason);
      abandon(reason);
    });
    return started;
  }

  function call<K extends Op>(op: K, args: Parameters<Archive[K]>, limit = CALL_LIMIT_MS): Promise<never> {
    return new Promise((resolve, reject) => {
      const thread = running();
      if (waiting.size >= (READS.has(op) ? MAX_READS : MAX_CALLS))
        throw new CodedError("overloaded", "Too many calls wait for the archive");
      const n = calls++;
      const expire = () => {
        warn("The archive did not answer in time", undefined);
        abandon(new Error(`No answer to ${op}`));
      };
      waiting.set(n, {
        resolve: resolve as (value: unknown) => void,
        reject,
        timer: setTimeout(expire, limit),
      });
      thread.postMessage({ n, op, args } satisfies Call);
    });
  }

  return {
    open: () => call("open", []),
    fold: (request) => call("fold", [request]),
    position: () => call("position", []),
    range: (request) => call("range", [request]),
    annotations: (range) => call("annotations", [range]),
    annotation: (key) => call("annotation", [key]),
    prune: (now) => call("prune", [now]),
    close: async () => {
      if (isClosed) return;
      if (worker) await call("close", [], CLOSE_LIMIT_MS).catch(() => undefined);
      isClosed = true;
      abandon(new Error("The archive is closed"));
    },
  };
}
