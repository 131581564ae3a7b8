"use client";

import { type ReactNode, useMemo } from "react";
import { useLocale } from "@/components/live/hooks";
import { PlaceContext } from "@/components/live/live-context";
import { useRange } from "./use-range";

/** Lets the viewer's choice of UTC count for all times of a page. */
export function RangeZone({ children }: { children: ReactNode }) {
  const { utc } = useRange();
  const place = useLocale();
  const shown = useMemo(() => (utc ? { ...place, timeZone: "UTC" } : place), [utc, place]);
  return <PlaceContext value={shown}>{children}</PlaceContext>;
}
