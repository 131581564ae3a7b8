"use client";

import { useSearchParams } from "next/navigation";
import { useMemo } from "react";
import {
  parseRange,
  type Span,
  type TimeRange,
  widened,
  withoutFixed,
  writeRange,
} from "@/lib/shared/time-range";

/** What the page shows of the past. It is in the URL, so a link shows the same. */
export function useRange(): TimeRange {
  const query = useSearchParams().toString();
  return useMemo(() => parseRange(new URLSearchParams(query)), [query]);
}

/** Zooms of this page that the browser's way back undoes. */
let zooms = 0;

/** Shows another range. The page stays: the browser's history has the old one. */
export function showRange(range: TimeRange): void {
  const query = writeRange(new URLSearchParams(location.search), range);
  const path = location.pathname;
  history.pushState(null, "", query.size > 0 ? `${path}?${query}` : path);
}

/** Shows a part of what is shown, and stands still. */
export function zoomTo(range: TimeRange, span: Span): void {
  zooms += 1;
  showRange({ ...range, fixed: widened(span) });
}

/** Undoes the last zoom, or goes back to live. */
export function zoomBack(range: TimeRange): void {
  if (!range.fixed) return;
  if (zooms > 0) {
    zooms -= 1;
    history.back();
  } else showRange(withoutFixed(range));
}
