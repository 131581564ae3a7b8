import type { History } from "@/lib/shared/history";
import { type LoadEvents as Events, type GetJson, type LoaderEnvironment, loader } from "./load";

export interface HistoryRequest {
  channel: string;
  metrics: readonly string[];
  /** ms. */
  from: number;
  to: number;
  points: number;
}

export type LoadEvents = Events<History[]>;

/** Loads the past of some channels. Returns the way to give it up. */
export type LoadHistory = (requests: () => HistoryRequest[], events: LoadEvents) => () => void;

/** Asks as `loader` does. `requests` is asked anew before each attempt, as time goes on. */
export function historyLoader(environment: LoaderEnvironment): LoadHistory {
  const load = loader(environment);
  const ask = askTogether();
  return (requests, events) =>
    load((get, signal) => Promise.all(requests().map((request) => ask(get, request, signal))), events);
}

type Ask = (get: GetJson, request: HistoryRequest, signal: AbortSignal) => Promise<History>;

/** The charts of a page ask in one moment for the same time: what they ask of a channel is one request. */
function askTogether(): Ask {
  const waiting = new Map<
    string,
    { metrics: Set<string>; signals: AbortSignal[]; answer: Promise<History> }
  >();
  return (get, request, signal) => {
    const { channel, from, to, points } = request;
    const key = [channel, from, to, points].join();
    const known = fits(waiting.get(key)?.metrics, request.metrics) ? waiting.get(key) : undefined;
    const metrics = known?.metrics ?? new Set<string>();
    for (const metric of request.metrics) metrics.add(metric);
    const signals = known?.signals ?? [];
    signals.push(signal);
    if (known) return known.answer;
    const answer = Promise.resolve().then(() => {
      if (waiting.get(key)?.metrics === metrics) waiting.delete(key);
      const url = historyUrl({ ...request, metrics: [...metrics] });
      return get(url, whenAll(signals), "history", isHistory);
    });
    waiting.set(key, { metrics, signals, answer });
    return answer;
  };
}

/** As many metrics as the server takes at once. */
const MAX_METRICS = 20;

function fits(known: ReadonlySet<string> | undefined, more: readonly string[]): boolean {
  return known === undefined || new Set([...known, ...more]).size <= MAX_METRICS;
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
