import { compareIds, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Log } from "../log/log";
import type { Archive } from "./archive";
import { type Archiving, beginArchiving, goOnFromFloor, takeStretch } from "./archiving";

/** How often the log is read on, ms. */
const PASS_MS = 2000;
/** The least pause between two passes, whoever asks, ms. */
const LEAST_PAUSE_MS = 50;
/** How much of the log is folded in one transaction, bytes. */
const STRETCH_BYTES = 64 * 1024;
/** How often a pass begins anew: entries were trimmed meanwhile, or another node went on. */
const MAX_DETOURS = 5;
/** The pause after a failure: random, below a bound that doubles from one to the other (ms). */
const RETRY_FROM_MS = 500;
const RETRY_TO_MS = 30_000;
/** The pauses of retention, ms: between two steps, after one that left something, and between two rounds. */
const PRUNE_MS = { step: 100, more: 20, round: 5 * 60_000, first: 3000 };

export interface ArchivistOptions {
  log: Pick<Log, "read" | "seek">;
  archive: Archive;
  /** The newest update that this node knows of. */
  head: () => UpdateId;
  /** Of record channels. */
  isArchived: (channel: string) => boolean;
  now: () => number;
  /** Told of what it survives. */
  warn: (message: string, error: unknown) => void;
}

export interface ArchivistStats {
  /** For how long the archive has not had all of the log; 0 on a node that does not archive. */
  lagMs: number;
  /** Since start. */
  readings: number;
  dropped: number;
}

/** Keeps the archive up with the log, while it is this node that does (A1). */
export interface Archivist {
  begin(): void;
  end(): void;
  /** Folds what the log has by now. Resolves when that is done, has failed, or `ms` are over; at once elsewhere. */
  catchUp(ms: number): Promise<void>;
  stats(): ArchivistStats;
  /** Ends it for good; resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** What one turn remembers. */
interface Place {
  /** `undefined` when the archive has to say where it is. */
  state?: Archiving;
  /** Up to when this node knows that somebody recorded, ms. */
  recordedTo?: number;
}

/** A failing archive or log is tried again, and nobody else hears of it. */
export function createArchivist(options: ArchivistOptions): Archivist {
  const { log, archive, head, isArchived, now, warn } = options;
  let turn: AbortController | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  /** Passes since start: begun, and those who wait for one to end. */
  let begun = 0;
  let waiting: { pass: number; done: () => void }[] = [];
  let wake: (() => void) | undefined;
  let isFailing = false;
  /** Up to where the archive is, where this node knows it. */
  let archived: UpdateId | undefined;
  /** When the archive last had all of the log, or the turn began (ms). */
  let caughtUpAt: number | undefined;
  const totals = { readings: 0, dropped: 0 };

  /** One pass to the log's head. `at` is moved on step by step, so that it is true when the pass fails, too. */
  async function pass(at: Place, signal: AbortSignal): Promise<void> {
    let detours = 0;
    while (!signal.aborted) {
      if (detours > MAX_DETOURS) throw new Error("The log and the archive keep changing under each other");
      at.state ??= beginArchiving(await archive.open(), await log.seek(0), at.recordedTo);
      const read = await log.read(at.state.position, STRETCH_BYTES);
      if (read.status === "gone") {
        detours += 1;
        at.state = goOnFromFloor(at.state, await log.seek(0));
        continue;
      }
      const { next, request, isAtHead } = takeStretch(at.state, read, now(), isArchived);
      if (request) {
        // That the log has no more is a sign of life, whether or not the archive takes it.
        if (request.cursor === request.expected && request.outages.length === 0)
          at.recordedTo = next.recordedTo;
        const { stored, readings } = await archive.fold(request);
        if (!stored) {
          detours += 1;
          at.state = undefined;
          continue;
        }
        totals.readings += readings;
      }
      at.state = next;
      at.recordedTo = next.recordedTo;
      if (isAtHead) return;
    }
  }

  async function run({ signal }: AbortController): Promise<void> {
    const at: Place = {};
    let bound = RETRY_FROM_MS;
    while (!signal.aborted) {
      begun += 1;
      let pause = PASS_MS;
      try {
        await pass(at, signal);
        if (signal.aborted) return;
        caughtUpAt = now();
        archived = at.state?.archive.cursor || ZERO_ID;
        if (isFailing) warn("The archive goes on", undefined);
        isFailing = false;
        bound = RETRY_FROM_MS;
      } catch (error) {
        if (signal.aborted) return;
        // Whether a batch was stored is not known: the archive says where it is.
        at.state = undefined;
        if (!isFailing) warn("The archive cannot go on; it is tried again", error);
        isFailing = true;
        pause = Math.random() * bound;
        bound = Math.min(RETRY_TO_MS, 2 * bound);
      }
      const { finished, rest } = split(waiting, begun);
      waiting = rest;
      for (const { done } of finished) done();
      await sleep(LEAST_PAUSE_MS, signal);
      if (!(waiting.length > 0 && !isFailing)) await sleep(pause - LEAST_PAUSE_MS, signal, !isFailing);
    }
  }

  /** Resolves after `ms`, at the end of the turn or, if it may be woken, when somebody waits for a pass. */
  function sleep(ms: number, signal: AbortSignal, mayWake = false): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(over, Math.max(0, ms));
      timer.unref();
      signal.addEventListener("abort", over, { once: true });
      if (mayWake) wake = over;
      function over() {
        clearTimeout(timer);
        signal.removeEventListener("abort", over);
        if (mayWake) wake = undefined;
        resolve();
      }
    });
  }

  async function prune({ signal }: AbortController): Promise<void> {
    let pause = PRUNE_MS.first;
    while (!signal.aborted) {
      await sleep(pause, signal);
      if (signal.aborted) return;
      try {
        const { rows, isRoundOver, isMore } = await archive.prune(now());
        totals.dropped += rows;
        pause = isRoundOver ? PRUNE_MS.round : isMore ? PRUNE_MS.more : PRUNE_MS.step;
      } catch {
        // The passes tell that the archive is out of reach.
        pause = PRUNE_MS.first;
      }
    }
  }

  function end(): void {
    turn?.abort();
    turn = undefined;
    archived = undefined;
    caughtUpAt = undefined;
    for (const { done } of waiting) done();
    waiting = [];
  }

  return {
    begin() {
      end();
      const started = new AbortController();
      turn = started;
      caughtUpAt = now();
      // The turn before may still wait for an answer; two at a time would only get in each other's way.
      ending = ending.then(() => Promise.all([run(started), prune(started)]));
    },
    end,
    catchUp(ms) {
      if (!turn || isFailing || (archived !== undefined && compareIds(head(), archived) <= 0))
        return Promise.resolve();
      return new Promise((resolve) => {
        const entry = { pass: begun + 1, done: finish };
        const timer = setTimeout(finish, ms);
        waiting.push(entry);
        wake?.();
        function finish() {
          clearTimeout(timer);
          waiting = waiting.filter((other) => other !== entry);
          resolve();
        }
      });
    },
    stats: () => ({ lagMs: caughtUpAt === undefined ? 0 : Math.max(0, now() - caughtUpAt), ...totals }),
    async close() {
      end();
      await ending;
    },
  };
}

function split(waiting: { pass: number; done: () => void }[], pass: number) {
  return {
    finished: waiting.filter((entry) => entry.pass <= pass),
    rest: waiting.filter((entry) => entry.pass > pass),
  };
}
