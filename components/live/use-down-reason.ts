"use client";

import type { MetricRef } from "@/lib/shared/define-channel";
import { downReason } from "./down-reason";
import { useChannels } from "./use-channels";

/** See `downReason`: that of the channels of these metrics. */
export function useDownReason(
  metrics: readonly Pick<MetricRef, "channel" | "channelTitle">[],
): string | undefined {
  const titles = new Map(metrics.map(({ channel, channelTitle }) => [channel, channelTitle]));
  return useChannels([...titles.keys()], (stateOf) =>
    downReason(titles, (channel) => stateOf(channel)?.down),
  );
}
