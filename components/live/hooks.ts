"use client";

import { useCallback, useContext, useRef, useSyncExternalStore } from "react";
import { type ConnectionView, INITIAL_VIEW } from "@/lib/client/connection-view";
import type { Gap } from "@/lib/client/gap-ledger";
import type { FeedRef, MetricRef, Row, TableRef } from "@/lib/shared/define-channel";
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

/** A metric's value and its place in source time (ms). `null`: no reading; `undefined`: not known yet. */
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

/** A metric's recent points, `[source time ms, value]`, oldest first. */
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

/** A table's rows by key. */
export function useRows({ channel }: Pick<TableRef, "channel">): Record<string, Row> {
  return useChannel(channel, (state) => (state?.kind === "table" ? state.rows : NO_ROWS), Object.is);
}

/** A feed's newest items, oldest first, and how many there have been. */
export function useFeed({ channel }: Pick<FeedRef, "channel">): { items: FeedItem[]; count: number } {
  return useChannel(
    channel,
    (state) =>
      state?.kind === "feed" ? { items: state.items, count: state.count } : { items: NO_ITEMS, count: 0 },
    (a, b) => a.items === b.items && a.count === b.count,
  );
}

/** How old a channel's data is against `maxAge` (ms). A change of its age shows once a second, no more often. */
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

/** What users see of the connection. */
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
