"use client";

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { anchorShift } from "./anchor";
import type { Ordered } from "./table-order";

/**
 * Keeps rows where the reader sees them while others come, go and move above. Only at the very top new rows push the
 * others down, as long as nobody points at a row or has the focus in one: then the rows stand still too, and the
 * table goes back to the top afterwards.
 */
export function useAnchor(
  box: RefObject<HTMLDivElement | null>,
  { entries, view }: Ordered,
  rowHeight: number,
  isReading: boolean,
): void {
  const last = useRef({ entries, view });
  const top = useRef(0);
  /** Whether the reader's own scrolling ended at the top. */
  const wantsTop = useRef(true);

  const scroll = useCallback(
    (to: number) => {
      if (!box.current) return;
      box.current.scrollTop = to;
      top.current = box.current.scrollTop;
    },
    [box],
  );

  const note = useCallback(
    (scrollTop: number) => {
      top.current = scrollTop;
      wantsTop.current = scrollTop < rowHeight / 2;
    },
    [rowHeight],
  );

  /** What we scrolled ourselves is no wish. */
  const noteWish = useCallback(() => {
    const scrollTop = box.current?.scrollTop ?? 0;
    if (Math.abs(scrollTop - top.current) >= 1) note(scrollTop);
  }, [box, note]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    note(element.scrollTop);
    element.addEventListener("scroll", noteWish, { passive: true });
    return () => element.removeEventListener("scroll", noteWish);
  }, [box, note, noteWish]);

  useLayoutEffect(() => {
    const before = last.current;
    last.current = { entries, view };
    if (before.entries === entries || !box.current) return;
    if (isOtherOrder(before.view, view)) {
      wantsTop.current = true;
      return scroll(0);
    }
    // The event comes up to a frame after the reader scrolled. Where rows went, the browser may have scrolled back.
    const { scrollHeight, clientHeight } = box.current;
    if (top.current <= scrollHeight - clientHeight) noteWish();
    if (wantsTop.current && !isReading) return;
    const first = Math.floor(top.current / rowHeight);
    const count = Math.ceil(clientHeight / rowHeight);
    const shift = anchorShift(before.entries, entries, first, count);
    if (shift !== 0) scroll(top.current + shift * rowHeight);
  }, [box, entries, view, rowHeight, isReading, scroll, noteWish]);

  useEffect(() => {
    if (!isReading && wantsTop.current) scroll(0);
  }, [isReading, scroll]);
}

/** Another question is answered from the top. */
function isOtherOrder(a: Ordered["view"], b: Ordered["view"]): boolean {
  const question = ({ sorts, filter, filters }: Ordered["view"]) => JSON.stringify([sorts, filter, filters]);
  return a !== b && question(a) !== question(b);
}
