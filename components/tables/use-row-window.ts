"use client";

import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useSyncExternalStore } from "react";
import { useMediaQuery } from "@/components/ui/use-media-query";

const OVERSCAN = 8;
/** As in the grid's `--row`, in the size of the page's type: a row is touched as easily as it is clicked. */
const ROW_REM = 2.5;
const TOUCHED_ROW_REM = 3;

/** px; it grows with the type, as on a wall screen. */
export function useRowHeight(): number {
  const rem = useSyncExternalStore(watchPageSize, typeSize, () => 16);
  return rem * (useMediaQuery("(pointer: coarse)") ? TOUCHED_ROW_REM : ROW_REM);
}

/** The type's size follows the window's, and whatever the viewer sets changes how long the page is. */
function watchPageSize(listener: () => void): () => void {
  const observer = new ResizeObserver(listener);
  observer.observe(document.documentElement);
  return () => observer.disconnect();
}

function typeSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
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
