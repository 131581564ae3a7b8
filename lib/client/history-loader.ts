import { codeOf } from "@/lib/shared/codes";
import type { History } from "@/lib/shared/history";
import type { ClientEnvironment } from "./environment";

/** An answer that takes longer than this is given up, ms. */
const ANSWER_MS = 15_000;
const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;

export interface HistoryRequest {
  channel: string;
  metrics: readonly string[];
  /** ms. */
  from: number;
  to: number;
  points: number;
}

export interface LoadEvents {
  loaded(histories: History[]): void;
  /** It is tried again by itself if `retries`. `message` is for people. */
  failed(message: string, retries: boolean): void;
}

/** Loads the past of some channels. Returns the way to give it up. */
export type LoadHistory = (requests: () => HistoryRequest[], events: LoadEvents) => () => void;

type LoaderEnvironment = Pick<
  ClientEnvironment,
  "fetch" | "after" | "random" | "on" | "isVisible" | "isOnline"
>;

/**
 * Asks until there is an answer: with exponential back-off and full jitter, and not while nobody looks or there is no
 * network (C3). `requests` is asked anew before each attempt, as time goes on.
 */
export function historyLoader(environment: LoaderEnvironment): LoadHistory {
  const ask = askTogether(environment);
  return (requests, { loaded, failed }) => {
    let over = false;
    let cancelWait = () => {};
    const abort = new AbortController();

    async function attempt(failures: number): Promise<void> {
      const ended = new AbortController();
      const cancelTimer = environment.after(ANSWER_MS, () => ended.abort());
      const signal = AbortSignal.any([abort.signal, ended.signal]);
      try {
        const histories = await Promise.all(requests().map((request) => ask(request, signal)));
        if (!over) loaded(histories);
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

/** The server answered, but not with history. */
class Refused extends Error {
  constructor(
    message: string,
    readonly retries: boolean,
  ) {
    super(message);
  }
}

type Ask = (request: HistoryRequest, signal: AbortSignal) => Promise<History>;

/** The charts of a page ask in one moment for the same time: what they ask of a channel is one request. */
function askTogether(environment: LoaderEnvironment): Ask {
  const waiting = new Map<
    string,
    { metrics: Set<string>; signals: AbortSignal[]; answer: Promise<History> }
  >();
  return (request, signal) => {
    const { channel, from, to, points } = request;
    const key = [channel, from, to, points].join();
    const known = waiting.get(key);
    const metrics = known?.metrics ?? new Set<string>();
    for (const metric of request.metrics) metrics.add(metric);
    const signals = known?.signals ?? [];
    signals.push(signal);
    if (known) return known.answer;
    const answer = Promise.resolve().then(() => {
      waiting.delete(key);
      return askOne(environment, { ...request, metrics: [...metrics] }, whenAll(signals));
    });
    waiting.set(key, { metrics, signals, answer });
    return answer;
  };
}

/** Aborts once nobody wants the answer any more. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController();
  const check = () => {
    if (signals.every(({ aborted }) => aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener("abort", check);
  check();
  return all.signal;
}

async function askOne(
  { fetch }: LoaderEnvironment,
  request: HistoryRequest,
  signal: AbortSignal,
): Promise<History> {
  const response = await fetch(historyUrl(request), { signal });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isHistory(body)) return body;
  // A captive portal answers anything; what is no problem document of ours may be gone the next time.
  const isOurs = codeOf(body) !== undefined;
  const detail = (body as { detail?: string; title?: string } | undefined) ?? {};
  const isFinal = isOurs && response.status < 500 && response.status !== 429;
  throw new Refused(
    (isOurs && (detail.detail ?? detail.title)) || "The server did not answer with history",
    !isFinal,
  );
}

export function historyUrl({ channel, metrics, from, to, points }: HistoryRequest): string {
  const query = new URLSearchParams({
    channel,
    metrics: metrics.join(),
    from: String(Math.floor(from)),
    to: String(Math.ceil(to)),
    points: String(points),
  });
  return `/api/history?${query}`;
}

/** As much as is relied on. */
function isHistory(body: unknown): body is History {
  const history = body as Partial<History> | undefined;
  return (
    typeof history?.channel === "string" &&
    typeof history.from === "number" &&
    typeof history.step === "number" &&
    typeof history.until === "number" &&
    typeof history.metrics === "object" &&
    Array.isArray(history.outages)
  );
}
