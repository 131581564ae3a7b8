"use client";

import { useCallback, useContext, useRef, useSyncExternalStore } from "react";
import { PageContext, useLiveClient } from "@/components/live/live-context";

const nothing = () => {};
/** A step of the time axis, ms: about two pixels of a wide chart. */
const STEP_MS = 1000;

/**
 * The right edge of the time axis: the server's now, in whole seconds, so that the charts of a page slide
 * together and no point lies beyond it. While the server's now is unknown it stays where it was; at first it
 * is when the page was rendered.
 */
export function useChartNow(): number {
  const client = useLiveClient();
  const renderedAt = useContext(PageContext)?.frame.now ?? 0;
  const shown = useRef(0);
  const subscribe = useCallback(
    (listener: () => void) => client?.subscribe("clock", listener) ?? nothing,
    [client],
  );
  return useSyncExternalStore(
    subscribe,
    () => {
      const now = client?.serverNow();
      if (now !== undefined) shown.current = Math.ceil(now / STEP_MS) * STEP_MS;
      return Math.max(shown.current, renderedAt);
    },
    () => renderedAt,
  );
}
