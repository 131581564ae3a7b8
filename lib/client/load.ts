import { codeOf } from "@/lib/shared/codes";
import type { ClientEnvironment } from "./environment";

/** An answer that takes longer than this is given up, ms. */
const ANSWER_MS = 15_000;
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;

export interface LoadEvents<T> {
  loaded(answer: T): void;
  /** It is tried again by itself if `retries`. `message` is for people. */
  failed(message: string, retries: boolean): void;
}

/** Gets JSON of a kind that `isIt` knows. `what` says in a message what was wanted. */
export type GetJson = <T>(
  url: string,
  signal: AbortSignal,
  what: string,
  isIt: (body: unknown) => body is T,
) => Promise<T>;

/** Loads what `ask` asks for. Returns the way to give it up. */
export type Load = <T>(
  ask: (get: GetJson, signal: AbortSignal) => Promise<T>,
  events: LoadEvents<T>,
) => () => void;

export type LoaderEnvironment = Pick<
  ClientEnvironment,
  "fetch" | "after" | "random" | "on" | "isVisible" | "isOnline"
>;

/**
 * Asks until there is an answer: with exponential back-off and full jitter, and not while nobody looks or there is no
 * network (C3). `ask` is called anew for each attempt, as time goes on.
 */
export function loader(environment: LoaderEnvironment): Load {
  const get: GetJson = (...request) => getJson(environment, ...request);
  return (ask, { loaded, failed }) => {
    let over = false;
    let cancelWait = () => {};
    const abort = new AbortController();

    async function attempt(failures: number): Promise<void> {
      const ended = new AbortController();
      const cancelTimer = environment.after(ANSWER_MS, () => ended.abort());
      const signal = AbortSignal.any([abort.signal, ended.signal]);
      try {
        const answer = await ask(get, signal);
        if (!over) loaded(answer);
      } catch (error) {
        if (over) return;
        const retries = !(error instanceof Refused) || error.retries;
        const message = error instanceof Refused ? error.message : "The server could not be reached";
        failed(message, retries);
        if (retries) wait(failures + 1);
      } finally {
        cancelTimer();
      }
    }

    function wait(failures: number): void {
      const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures, 10));
      cancelWait = environment.after(ceiling * (0.1 + 0.9 * environment.random()), () =>
        whenWanted(() => void attempt(failures)),
      );
    }

    function whenWanted(run: () => void): void {
      if (environment.isVisible() && environment.isOnline()) {
        run();
        return;
      }
      const stops = [environment.on("visible", again), environment.on("online", again)];
      cancelWait = () => {
        for (const stop of stops) stop();
      };
      function again() {
        cancelWait();
        whenWanted(run);
      }
    }

    void attempt(0);
    return () => {
      over = true;
      cancelWait();
      abort.abort();
    };
  };
}

/** The server answered, but not with what was asked for. */
class Refused extends Error {
  constructor(
    message: string,
    readonly retries: boolean,
  ) {
    super(message);
  }
}

async function getJson<T>(
  { fetch }: LoaderEnvironment,
  url: string,
  signal: AbortSignal,
  what: string,
  isIt: (body: unknown) => body is T,
): Promise<T> {
  const response = await fetch(url, { signal });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isIt(body)) return body;
  // A captive portal answers anything; what is no problem document of ours may be gone the next time.
  const isOurs = codeOf(body) !== undefined;
  const detail = (body as { detail?: string; title?: string } | undefined) ?? {};
  const isFinal = isOurs && response.status < 500 && response.status !== 429;
  throw new Refused(
    (isOurs && (detail.detail ?? detail.title)) || `The server did not answer with ${what}`,
    !isFinal,
  );
}
