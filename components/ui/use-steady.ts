"use client";

import { useEffect, useRef, useState } from "react";

/** Text that changes more often than this cannot be read. */
const REPAINT_MS = 250;

/** The value, repainted at most four times a second; the newest one always arrives. */
export function useSteady<T>(value: T): T {
  const [shown, setShown] = useState(value);
  const shownAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (Object.is(value, shown)) return;
    const show = () => {
      shownAt.current = performance.now();
      setShown(value);
    };
    const wait = shownAt.current + REPAINT_MS - performance.now();
    if (wait <= 0) return show();
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  }, [value, shown]);
  return shown;
}

/** The same for some texts without line breaks. */
export function useSteadyTexts(texts: string[]): string[] {
  return useSteady(texts.join("\n")).split("\n");
}
