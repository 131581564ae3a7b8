import type { Point } from "@/lib/shared/protocol";
import type { ClientEnvironment } from "./environment";
import { historyLoader, type LoadHistory } from "./history-loader";
import { type Load, loader } from "./load";
import { PaintQueue } from "./paint-queue";
import type { ServerTime } from "./server-time";
import type { Hole, Store } from "./store";

/** What a chart reads of the client. */
export interface ChartSource extends Pick<ClientEnvironment, "after" | "mono"> {
  /** The readings at hand, oldest first. */
  series(channel: string, metric: string): readonly Point[];
  /** Calls back for each new reading of a channel, before `subscribe`'s listeners are told. */
  onReading(channel: string, listener: (metric: string, point: Point) => void): () => void;
  /** See `LiveClient.subscribe`. */
  subscribe(topic: string, listener: () => void): () => void;
  /** The newest time of a channel that was jumped over; another object for each. */
  hole(channel: string): Hole | undefined;
  /** ms; `undefined` while it is not known. */
  serverNow(): number | undefined;
  loadHistory: LoadHistory;
  load: Load;
  /** Runs something in one of the next animation frames; returns the way to cancel it. */
  paint(run: () => void): () => void;
}

export function chartSource(
  environment: ClientEnvironment,
  store: Store,
  time: ServerTime,
  subscribe: ChartSource["subscribe"],
): ChartSource {
  return {
    series: (channel, metric) => store.points(channel, metric),
    onReading: (channel, listener) => store.onReading(channel, listener),
    subscribe,
    hole: (channel) => store.hole(channel),
    serverNow: () => time.now(),
    loadHistory: historyLoader(environment),
    load: loader(environment),
    paint: new PaintQueue(environment).add,
    after: environment.after,
    mono: () => environment.mono(),
  };
}
