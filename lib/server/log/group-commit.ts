import { randomUUID } from "node:crypto";
import { CodedError, codeOf } from "@/lib/shared/codes";
import type { UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import type { CommitRequest, Outcome } from "./commit";
import type { AppendRequest, NewUpdate } from "./log";
import { placeUpdate } from "./stored-update";

/** The most that one transaction takes, so that a commit stays short. One larger request goes alone. */
const GROUP_REQUESTS = 1000;
const GROUP_BYTES = 4 * 1024 * 1024;
/** The longest pause between two attempts on a busy database, ms. */
const BUSY_PAUSE_MS = 250;

export interface GroupCommitLimits {
  /** A group is sent at once when the one before was sent this long ago, else then (ms). */
  windowMs: number;
  /** How long a request waits for its turn (ms). */
  waitMs: number;
  /** How much longer it waits for the answer once it is being committed (ms). */
  graceMs: number;
  /** How many requests, and bytes of them, may wait at a time. */
  maxRequests: number;
  maxBytes: number;
}

export const DEFAULT_LIMITS: GroupCommitLimits = {
  windowMs: 4,
  waitMs: 5000,
  graceMs: 2000,
  maxRequests: 10_000,
  maxBytes: 32 * 1024 * 1024,
};

export interface GroupCommitOptions {
  /**
   * Stores a group in one transaction. It fails with `unknown_outcome` when that may have happened, with any
   * other code when nothing was stored; after `log_busy` it is tried again.
   */
  commit(token: string, requests: CommitRequest[]): Promise<{ ids?: UpdateId[]; outcomes: Outcome[] }>;
  /**
   * Is told each group's updates after the commit, before the appends of the group resolve. Where it is left out,
   * `commit` sees to that itself and need not give the `ids` of all new updates.
   */
  announce?(updates: Update[]): void;
  now(): number;
  limits: GroupCommitLimits;
}

export type Placed = { id: UpdateId; replayed: boolean };

interface Waiting extends CommitRequest {
  updates: NewUpdate[];
  bytes: number;
  timer: NodeJS.Timeout;
  /** Its time in the queue is over; it only waits for the commit under way. */
  late: boolean;
  /** Its places are those of a log that is gone: it may not be sent again. */
  stale: boolean;
  resolve(placed: Placed): void;
  reject(error: Error): void;
}

export interface GroupCommit {
  /** Resolves after commit. Bounded in time by `waitMs + graceMs`. */
  add(request: AppendRequest): Promise<Placed>;
  /** Holds groups back, or lets them go on. It starts held back. */
  pause(): void;
  resume(): void;
  /** The token of the group whose outcome is unknown, if there is one. Nothing is sent until it is settled. */
  inDoubt(): string | undefined;
  /** Ends the doubt: what the group came to, or `null` when it was not stored, and then it is sent again. */
  settle(outcomes: Outcome[] | null): void;
  /**
   * The log is another one: what is to move places on, and may not have been stored, fails with `place_passed`. It
   * begins behind what this log may lack.
   */
  refusePlaces(): void;
  /** Resolves when everything added so far has its answer. */
  drain(): Promise<void>;
}

/**
 * Gathers appends into groups, one transaction each, at most one at a time, in the order of arrival. What
 * arrives in one turn of the event loop travels together.
 */
export function createGroupCommit({ commit, announce, now, limits }: GroupCommitOptions): GroupCommit {
  const unanswered = new Set<Promise<Placed>>();
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let group: { token: string; members: Waiting[]; inDoubt: boolean } | undefined;
  let paused = true;
  let busyAttempts = 0;
  let scheduled = false;
  let sentAt = Number.NEGATIVE_INFINITY;

  function schedule(pause = sentAt + limits.windowMs - performance.now()): void {
    if (scheduled || paused || group || queue.length === 0) return;
    scheduled = true;
    if (pause > 0) setTimeout(send, pause);
    else setImmediate(send);
  }

  function send(): void {
    scheduled = false;
    if (paused || group || queue.length === 0) return;
    const members = takeGroup();
    const sent = { token: randomUUID(), members, inDoubt: false };
    group = sent;
    sentAt = performance.now();
    const requests = members.map(({ at, bodies, idempotency, places }) => ({
      at,
      bodies,
      idempotency,
      places,
    }));
    commit(sent.token, requests).then(
      ({ ids = [], outcomes }) => stored(members, ids, outcomes),
      (error) => failed(sent, error),
    );
  }

  function takeGroup(): Waiting[] {
    let bytes = 0;
    let size = 0;
    while (size < Math.min(queue.length, GROUP_REQUESTS)) {
      bytes += queue[size]!.bytes;
      if (size > 0 && bytes > GROUP_BYTES) break;
      size++;
    }
    const members = queue.splice(0, size);
    for (const member of members) queuedBytes -= member.bytes;
    return members;
  }

  function stored(members: Waiting[], ids: UpdateId[], outcomes: Outcome[]): void {
    busyAttempts = 0;
    if (announce) announce(placed(members, ids, outcomes));
    answer(members, outcomes);
  }

  function placed(members: Waiting[], ids: UpdateId[], outcomes: Outcome[]): Update[] {
    const added = members.flatMap(({ at, updates }, n) =>
      outcomes[n]?.kind === "appended" ? updates.map((update) => ({ at, update })) : [],
    );
    return added.map(({ at, update }, n) => placeUpdate(ids[n]!, at, update));
  }

  function answer(members: Waiting[], outcomes: Outcome[]): void {
    group = undefined;
    members.forEach((member, n) => {
      const outcome = outcomes[n]!;
      if (outcome.kind === "conflict") member.reject(new CodedError("idempotency_conflict"));
      else if (outcome.kind === "passed") member.reject(new CodedError("place_passed"));
      else member.resolve({ id: outcome.id, replayed: outcome.kind === "replayed" });
    });
    schedule();
  }

  function failed(sent: NonNullable<typeof group>, error: Error): void {
    const code = codeOf(error);
    if (code === "unknown_outcome") {
      sent.inDoubt = true;
      return;
    }
    group = undefined;
    if (code !== "log_busy") {
      busyAttempts = 0;
      for (const member of sent.members) member.reject(error);
      schedule();
      return;
    }
    const longest = Math.min(BUSY_PAUSE_MS, 10 * 2 ** busyAttempts++);
    requeue(sent.members);
    schedule(Math.random() * longest);
  }

  function requeue(members: Waiting[]): void {
    const inTime = members.filter((member) => !member.late && !member.stale);
    for (const member of members) {
      if (member.stale) member.reject(new CodedError("place_passed"));
      else if (member.late) member.reject(outOfTime());
    }
    queue = [...inTime, ...queue];
    for (const member of inTime) queuedBytes += member.bytes;
  }

  function outOfTime(): CodedError {
    const code = busyAttempts > 0 && !paused ? "log_busy" : "log_unavailable";
    return new CodedError(code, "The append could not be stored in time, and nothing was");
  }

  function expire(member: Waiting): void {
    if (!group?.members.includes(member)) {
      queue.splice(queue.indexOf(member), 1);
      queuedBytes -= member.bytes;
      member.reject(outOfTime());
    } else if (!member.late) {
      member.late = true;
      member.timer = setTimeout(expire, limits.graceMs, member);
    } else {
      member.reject(new CodedError("unknown_outcome"));
    }
  }

  return {
    add: (request) => {
      const bodies = request.updates.map((update) => JSON.stringify(update));
      const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
      const added = new Promise<Placed>((resolve, reject) => {
        const over = queue.length >= limits.maxRequests || queuedBytes + bytes > limits.maxBytes;
        if (queue.length > 0 && over) throw new CodedError("overloaded", "Too many appends are waiting");
        const member: Waiting = {
          at: now(),
          bodies,
          idempotency: request.idempotency,
          places: request.places,
          updates: request.updates,
          bytes,
          late: false,
          stale: false,
          timer: setTimeout(() => expire(member), limits.waitMs),
          resolve: (placed) => {
            clearTimeout(member.timer);
            resolve(placed);
          },
          reject: (error) => {
            clearTimeout(member.timer);
            reject(error);
          },
        };
        queue.push(member);
        queuedBytes += bytes;
      });
      unanswered.add(added);
      const forget = () => unanswered.delete(added);
      added.then(forget, forget);
      schedule();
      return added;
    },

    pause: () => {
      paused = true;
    },

    resume: () => {
      paused = false;
      schedule();
    },

    inDoubt: () => (group?.inDoubt ? group.token : undefined),

    settle: (outcomes) => {
      if (!group?.inDoubt) return;
      const { members } = group;
      if (outcomes) return answer(members, outcomes);
      group = undefined;
      requeue(members);
      schedule();
    },

    refusePlaces: () => {
      const refused = queue.filter(({ places }) => places !== undefined);
      queue = queue.filter(({ places }) => places === undefined);
      for (const member of refused) {
        queuedBytes -= member.bytes;
        member.reject(new CodedError("place_passed"));
      }
      for (const member of group?.members ?? []) member.stale = member.places !== undefined;
    },

    drain: async () => {
      await Promise.allSettled(unanswered);
    },
  };
}
