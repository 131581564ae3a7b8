"use client";

import { useCallback, useContext, useRef, useSyncExternalStore } from "react";
import { type ConnectionView, INITIAL_VIEW } from "@/lib/client/connection-view";
import type { Gap } from "@/lib/client/gap-ledger";
import type { Cell, FeedRef, MetricRef, Row, TableRef } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import type { ChannelState, FeedItem } from "@/lib/shared/state";
import { assess, type ChannelFreshness, looksSame } from "./channel-freshness";
import { PageContext, PlaceContext, useLiveClient } from "./live-context";

/*
 * While the server renders and while the browser hydrates, every hook gives exactly what follows from the
 * page's snapshot, so nothing flickers (R2). Afterwards a component renders again only when the value that its
 * hook returns is another one (C6).
 */

const nothing = () => {};
const NO_POINTS: readonly Point[] = [];
const NO_ROWS: Record<string, Row> = {};
const NO_ITEMS: FeedItem[] = [];
const NO_GAPS: readonly Gap[] = [];

/** Keeps returning the previous value as long as the next one is the same. */
function useKeep<T>(same: (a: T, b: T) => boolean): (next: T) => T {
  const kept = useRef<{ value: T } | undefined>(undefined);
  return (next) => {
    if (!kept.current || !same(kept.current.value, next)) kept.current = { value: next };
    return kept.current.value;
  };
}

function useTopic(topic: string) {
  const client = useLiveClient();
  return useCallback(
    (listener: () => void) => client?.subscribe(topic, listener) ?? nothing,
    [client, topic],
  );
}

/** Reads a channel's state, or what the page came with while the client has none. */
function useChannel<T>(
  channel: string,
  select: (state: ChannelState | undefined) => T,
  same: (a: T, b: T) => boolean,
): T {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.frame.snapshot[channel];
  const keep = useKeep(same);
  return useSyncExternalStore(
    useTopic(channel),
    () => keep(select(client?.channel(channel) ?? seeded)),
    () => keep(select(seeded)),
  );
}

/**
 * A metric's current value, as `useMetric(stock.metrics.left)`.
 *
 * - `value`: in the metric's unit; `null`: its source has no reading, `undefined`: not known yet.
 * - `ts`: when the reading was true at its source, ms since 1970; absent before the first one.
 */
export function useMetric({ channel, metric }: Pick<MetricRef, "channel" | "metric">): {
  value: number | null | undefined;
  ts?: number;
} {
  return useChannel(
    channel,
    (state) =>
      state?.kind === "record" ? { value: state.values[metric], ts: state.ts[metric] } : { value: undefined },
    (a, b) => a.value === b.value && a.ts === b.ts,
  );
}

/**
 * A metric's readings of the last five minutes, as `useSeries(stock.metrics.left)`: `[source time, value]`, oldest first,
 * times in ms since 1970, values in the metric's unit or `null` without a reading. The same array until there is another
 * point.
 */
export function useSeries({ channel, metric }: Pick<MetricRef, "channel" | "metric">): readonly Point[] {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.series[channel]?.[metric] ?? NO_POINTS;
  return useSyncExternalStore(
    useTopic(channel),
    () => {
      const points = client?.series(channel, metric) ?? NO_POINTS;
      return points.length > 0 ? points : seeded;
    },
    () => seeded,
  );
}

/** The columns or fields that there are; each may be missing until somebody has sent it. */
type RowOf<C extends string> = string extends C ? Row : Partial<Record<C, Cell>>;

/**
 * A table's rows by key, as `useRows(stock.table)`; times in ms since 1970, numbers in the column's unit. Empty while there
 * are none, or none is known yet. The same object until a row changes. A large table that changes all the time is copied
 * for each render: `useSteadyState` does that four times a second at most.
 */
export function useRows<C extends string>({ channel }: TableRef<C>): Record<string, RowOf<C>> {
  return useChannel(
    channel,
    (state) => (state?.kind === "table" ? state.rows : NO_ROWS) as Record<string, RowOf<C>>,
    Object.is,
  );
}

/**
 * A feed, as `useFeed(sales.feed)`.
 *
 * - `items`: the newest ones, as many as the channel keeps, oldest first; each with its unique `key`, its source time `ts`
 *   (ms since 1970) and the `item` itself.
 * - `count`: how many there have been since the log began.
 */
export function useFeed<F extends string>({
  channel,
}: FeedRef<F>): { items: FeedItem<RowOf<F>>[]; count: number } {
  return useChannel(
    channel,
    (state) =>
      state?.kind === "feed"
        ? { items: state.items as FeedItem<RowOf<F>>[], count: state.count }
        : { items: NO_ITEMS as FeedItem<RowOf<F>>[], count: 0 },
    (a, b) => a.items === b.items && a.count === b.count,
  );
}

/**
 * How old a channel's data is against `maxAge` (ms), as `useFreshness(stock.name, stock.maxAge)`. A change of its age shows
 * once a second, no more often.
 *
 * - `freshness`: `live`, `held` (young, but the connection is not live), `late` past `maxAge`, `stale` past three times
 *   that, `lost` past ten times and a minute, `unknown` while the server's clock is, `empty` while there was never any data.
 * - `age`: ms, in whole seconds, minutes or hours; `null`: there was never any data, `undefined`: not known (yet).
 * - `asOf`: when the newest reading was true, ms since 1970, or `null`.
 * - `by`: the producer's label, `demo` for simulated data.
 * - `down`: why the source has no reading, in its own words.
 */
export function useFreshness(channel: string, maxAge: number): ChannelFreshness {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.frame.snapshot[channel];
  const shown = useRef<ChannelFreshness | undefined>(undefined);
  const isDue = useRef(true);
  const subscribe = useCallback(
    (listener: () => void) => {
      const offChannel = client?.subscribe(channel, listener);
      const offClock = client?.subscribe("clock", () => {
        isDue.current = true;
        listener();
      });
      const offConnection = client?.subscribe("connection", listener);
      return () => {
        offChannel?.();
        offConnection?.();
        offClock?.();
      };
    },
    [client, channel],
  );
  const read = (state: ChannelState | undefined, serverNow: number | undefined) => {
    const next = assess(state, serverNow, maxAge, client?.connection().status === "live");
    const last = shown.current;
    if (last && looksSame(last, next, isDue.current)) return last;
    isDue.current = false;
    shown.current = next;
    return next;
  };
  return useSyncExternalStore(
    subscribe,
    () => read(client?.channel(channel) ?? seeded, client?.serverNow()),
    () => read(seeded, undefined),
  );
}

/** The server's now in whole seconds (ms), once a second; `undefined` while it is not known. */
export function useServerNow(): number | undefined {
  const client = useLiveClient();
  return useSyncExternalStore(
    useTopic("clock"),
    () => {
      const now = client?.serverNow();
      return now === undefined ? undefined : Math.floor(now / 1000) * 1000;
    },
    () => undefined,
  );
}

/**
 * What users see of the connection.
 *
 * - `status`: `live`, `catching-up`, `delayed` (the server or its log is silent), `reconnecting` or `offline`.
 * - `transport`: what delivers: `socket`, `sse`, `long-poll` or `poll`; absent while nothing does.
 * - `since`: since when, ms on the server's clock. `nextTryAt`: when the next try comes, ms on this browser's clock.
 * - `latencyMs`: from commit to here, the median of the last minute.
 *
 * More in `ConnectionView`. While the page hydrates it is `catching-up`.
 */
export function useConnection(): ConnectionView {
  const client = useLiveClient();
  return useSyncExternalStore(
    useTopic("connection"),
    () => client?.connection() ?? INITIAL_VIEW,
    () => INITIAL_VIEW,
  );
}

/** The interruptions since the page was opened, oldest first (C8). */
export function useLedger(): readonly Gap[] {
  const client = useLiveClient();
  return useSyncExternalStore(
    useTopic("connection"),
    () => client?.ledger() ?? NO_GAPS,
    () => NO_GAPS,
  );
}

/** How the viewer reads numbers and times. */
export function useLocale(): Place {
  return useContext(PlaceContext);
}
