"use client";

import { useCallback, useContext, useRef, useSyncExternalStore } from "react";
import type { ChannelState } from "@/lib/shared/state";
import { PageContext, useLiveClient } from "./live-context";

/** Text that changes more often than this cannot be read, ms. */
const REPAINT_MS = 250;

/**
 * A channel's state, looked at four times a second at most: to look at the rows of a large table means to copy them.
 * The newest one always arrives.
 */
export function useSteadyState(channel: string): ChannelState | undefined {
  const client = useLiveClient();
  const seeded = useContext(PageContext)?.frame.snapshot[channel];
  const seen = useRef<{ channel: string; state: ChannelState | undefined } | undefined>(undefined);
  const subscribe = useCallback(
    (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let lookedAt = Number.NEGATIVE_INFINITY;
      // What came between the render and now told nobody.
      seen.current = undefined;
      const look = () => {
        timer = undefined;
        lookedAt = performance.now();
        seen.current = undefined;
        listener();
      };
      const off = client?.subscribe(channel, () => {
        if (timer !== undefined) return;
        const wait = lookedAt + REPAINT_MS - performance.now();
        if (wait <= 0) look();
        else timer = setTimeout(look, wait);
      });
      return () => {
        clearTimeout(timer);
        off?.();
      };
    },
    [client, channel],
  );
  return useSyncExternalStore(
    subscribe,
    () => {
      if (seen.current?.channel !== channel)
        seen.current = { channel, state: client?.channel(channel) ?? seeded };
      return seen.current.state;
    },
    () => seeded,
  );
}
