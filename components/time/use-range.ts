"use client";

import { useSearchParams } from "next/navigation";
import { useMemo } from "react";
import {
  parseRange,
  rangeQuery,
  type Span,
  type TimeRange,
  widened,
  withoutFixed,
  writeRange,
} from "@/lib/shared/time-range";

/** What the page shows of the past. It is in the URL, so a link shows the same. Other parts of a query change nothing. */
export function useRange(): TimeRange {
  const query = rangeQuery(useSearchParams());
  return useMemo(() => parseRange(new URLSearchParams(query)), [query]);
}

/** What was shown on this page before each zoom, newest last. */
let zooms: { path: string; range: TimeRange }[] = [];
const MAX_ZOOMS = 50;

/** Shows another range. The page stays: the browser's history has the old one. */
export function showRange(range: TimeRange): void {
  const query = writeRange(new URLSearchParams(location.search), range);
  const path = location.pathname;
  history.pushState(null, "", query.size > 0 ? `${path}?${query}` : path);
}

/** Shows a part of what is shown, and stands still. */
export function zoomTo(range: TimeRange, span: Span): void {
  zooms = [...zooms.slice(1 - MAX_ZOOMS), { path: location.pathname, range }];
  showRange({ ...range, fixed: widened(span) });
}

/** Undoes the last zoom of this page, or goes back to live. */
export function zoomBack(range: TimeRange): void {
  if (!range.fixed) return;
  const last = zooms.at(-1);
  zooms = last?.path === location.pathname ? zooms.slice(0, -1) : [];
  showRange(last?.path === location.pathname ? last.range : withoutFixed(range));
}
