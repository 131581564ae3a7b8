"use client";

import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useSyncExternalStore } from "react";

const OVERSCAN = 8;
/** As in the grid's `--row`, px: a row is touched as easily as it is clicked. */
const ROW = 40;
const TOUCHED_ROW = 48;

/** px */
export function useRowHeight(): number {
  return useMediaQuery("(pointer: coarse)") ? TOUCHED_ROW : ROW;
}

export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => false,
  );
}

/**
 * Which rows are in the document, by their place, in order: those in sight, some around them, and `kept`, which has
 * the focus or is where the focus returns to.
 */
export function useRowWindow(
  box: RefObject<HTMLDivElement | null>,
  count: number,
  rowHeight: number,
  kept: number,
): number[] {
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      if (kept < 0 || indexes.includes(kept)) return indexes;
      return [...indexes, kept].sort((a, b) => a - b);
    },
    [kept],
  );
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLTableRowElement>({
    count,
    getScrollElement: () => box.current,
    estimateSize: useCallback(() => rowHeight, [rowHeight]),
    overscan: OVERSCAN,
    initialRect: { width: 0, height: 12 * rowHeight },
    rangeExtractor,
  });
  return virtualizer.getVirtualItems().map(({ index }) => index);
}
