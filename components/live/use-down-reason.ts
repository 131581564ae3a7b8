"use client";

import { useCallback, useContext, useSyncExternalStore } from "react";
import type { MetricRef } from "@/lib/shared/define-channel";
import { downReason } from "./down-reason";
import { PageContext, useLiveClient } from "./live-context";

/** See `downReason`: that of the channels of these metrics. */
export function useDownReason(
  metrics: readonly Pick<MetricRef, "channel" | "channelTitle">[],
): string | undefined {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.frame.snapshot;
  const titles = new Map(metrics.map(({ channel, channelTitle }) => [channel, channelTitle]));
  const names = [...titles.keys()].join();
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = names.split(",").map((channel) => client?.subscribe(channel, listener));
      return () => {
        for (const end of ends) end?.();
      };
    },
    [client, names],
  );
  return useSyncExternalStore(
    subscribe,
    () => downReason(titles, (channel) => (client?.channel(channel) ?? seeded?.[channel])?.down),
    () => downReason(titles, (channel) => seeded?.[channel]?.down),
  );
}
