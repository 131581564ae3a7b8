"use client";

import { History } from "lucide-react";
import { useLocale } from "@/components/live/hooks";
import { withoutFixed } from "@/lib/shared/time-range";
import { spanText } from "./range-words";
import { showRange, useRange } from "./use-range";

/** While the charts stand still: what they show, that the numbers do not, and the way back. */
export function RangeNote() {
  const range = useRange();
  const place = useLocale();
  if (!range.fixed) return null;
  return (
    <p
      data-testid="range-note"
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-line bg-accent-soft px-3 py-2 text-xs sm:px-4"
    >
      <History aria-hidden className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 flex-1">
        <b className="font-medium tabular-nums" suppressHydrationWarning>
          Charts show {spanText(range.fixed, place)}
        </b>
        <span className="text-soft"> · numbers and tables are live</span>
      </span>
      <button
        type="button"
        onClick={() => showRange(withoutFixed(range))}
        className="needs-script touch rounded-sm px-2 font-medium text-accent underline underline-offset-2"
      >
        Back to live
      </button>
    </p>
  );
}
