"use client";

import { useCallback, useContext, useSyncExternalStore } from "react";
import type { ChannelState } from "@/lib/shared/state";
import { PageContext, useLiveClient } from "./live-context";

/**
 * What `derive` makes of several channels, of which there may be others the next time: a text or another primitive, as
 * it is compared. `stateOf` gives a channel's state, `undefined` while it is not known.
 */
export function useChannels<T extends string | undefined>(
  names: readonly string[],
  derive: (stateOf: (channel: string) => ChannelState | undefined) => T,
): T {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.frame.snapshot;
  const key = names.join();
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = key.split(",").map((channel) => client?.subscribe(channel, listener));
      return () => {
        for (const end of ends) end?.();
      };
    },
    [client, key],
  );
  return useSyncExternalStore(
    subscribe,
    () => derive((channel) => client?.channel(channel) ?? seeded?.[channel]),
    () => derive((channel) => seeded?.[channel]),
  );
}
