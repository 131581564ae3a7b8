import type { Frame } from "@/lib/shared/protocol";
import { isFrame, isObject } from "../frame-guard";
import { BEAT_MS, type Failure, POLL_TIMEOUT_MS } from "../ladder-state";
import { type After, liveUrl, NOT_OURS, type OpenTransport } from "./transport";

/**
 * How long the server holds a long poll, s. It is the beat, so that one watchdog serves all held transports and
 * a half-open connection is noticed as soon on this rung as on the others; a server holds up to 25 s and more.
 */
export const HOLD_S = BEAT_MS / 1000;
/** A held request that is answered at once without moving anything must not become a hot loop. */
const SPIN_MS = 1000;

export interface PollOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  after: After;
  /** Long-poll (the server holds the request) or plain poll. */
  held: boolean;
}

type Answer =
  | { kind: "frame"; frame: Frame }
  | { kind: "nothing-new"; date?: number }
  | { kind: "failed"; failure: Failure };

/** T3: long-poll and plain poll. */
export function pollTransport({ fetch, after, held }: PollOptions): OpenTransport {
  return (link) => {
    let controller: AbortController | undefined;
    let cancelTimer = () => {};
    // The first request is not held: its answer shows that this rung works. Nor is one that asks for the rest.
    let isHeld = false;

    async function ask(): Promise<void> {
      const mine = new AbortController();
      controller = mine;
      const asked = link.subscription();
      const wait = isHeld ? HOLD_S : 0;
      cancelTimer = after(wait * 1000 + POLL_TIMEOUT_MS, () => mine.abort());
      const answer = await request(fetch, liveUrl("/api/live/poll", asked, wait), mine.signal);
      if (controller !== mine) return;
      cancelTimer();
      if (answer.kind === "failed") {
        controller = undefined;
        link.failed(answer.failure);
        return;
      }
      if (answer.kind === "frame") link.frame({ ...answer.frame, sub: asked.sub }, asked.cursor);
      else link.alive(answer.date);
      // The frame may have led to a refresh or to the end of this transport.
      if (controller !== mine) return;
      // Who may read none of the channels never gets a cursor, and is answered at once each time.
      const hasMoved =
        answer.kind === "frame" && asked.cursor !== undefined && answer.frame.to !== asked.cursor;
      const hasMore = hasMoved && answer.frame.more === true;
      const pause = hasMore ? 0 : pauseAfter(answer, hasMoved, wait);
      isHeld = held && !hasMore;
      cancelTimer = after(pause, () => void ask());
    }

    function pauseAfter(answer: Answer, hasMoved: boolean, wait: number): number {
      if (!held) return link.pollMs();
      // A request that was not held may say "nothing new" at once; a held one says so after its wait.
      return hasMoved || answer.kind === "nothing-new" || wait === 0 ? 0 : SPIN_MS;
    }

    function stop(): void {
      const current = controller;
      controller = undefined;
      cancelTimer();
      current?.abort();
    }

    void ask();
    return {
      refresh() {
        stop();
        void ask();
      },
      close: stop,
    };
  };
}

/** One request. Never rejects. */
async function request(fetch: PollOptions["fetch"], url: string, signal: AbortSignal): Promise<Answer> {
  try {
    // A redirect is never the server's answer: it leads to somebody's sign-in page.
    const response = await fetch(url, { signal, cache: "no-store", redirect: "error" });
    if (response.status === 304) {
      const date = Date.parse(response.headers.get("date") ?? "");
      return { kind: "nothing-new", date: Number.isNaN(date) ? undefined : date };
    }
    const type = response.headers.get("content-type")?.split(";")[0]?.trim();
    if (response.status === 200 && type === "application/json") {
      const body: unknown = await response.json();
      if (isFrame(body)) return { kind: "frame", frame: body };
    } else if (type === "application/problem+json") {
      return { kind: "failed", failure: refusal(await response.json(), response.headers.get("retry-after")) };
    }
    return { kind: "failed", failure: NOT_OURS };
  } catch {
    const failure: Failure = signal.aborted
      ? { reason: "timeout", answered: false, message: "There was no answer in time" }
      : { reason: "closed", answered: false, message: "The server could not be reached" };
    return { kind: "failed", failure };
  }
}

/** A problem document (T6) is an answer: the way to the server works. */
function refusal(problem: unknown, retryAfter: string | null): Failure {
  const { code, title, detail } = isObject(problem) ? problem : {};
  const seconds = Number(retryAfter);
  return {
    reason: "refused",
    answered: true,
    code: typeof code === "string" ? code : undefined,
    message: String(detail ?? title ?? "The server refused"),
    // RFC 9110, 10.2.3: "Retry-After = HTTP-date / delay-seconds"; the server sends seconds.
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  };
}
