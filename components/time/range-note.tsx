"use client";

import { History } from "lucide-react";
import { useLocale } from "@/components/live/hooks";
import { withoutFixed } from "@/lib/shared/time-range";
import { spanText } from "./range-words";
import { showRange, useRange } from "./use-range";

/**
 * A slim bar under the header while the charts stand still: what they show, that the numbers do not, and the way back.
 * It takes no room, so that nothing moves under the pointer that zoomed.
 */
export function RangeNote() {
  const range = useRange();
  const place = useLocale();
  if (!range.fixed) return null;
  return (
    <p
      data-testid="range-note"
      role="status"
      className="absolute inset-x-0 top-full flex min-h-7 items-center gap-2 border-line border-b bg-accent-soft px-4 text-xs leading-4 md:px-6"
    >
      <History aria-hidden className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 truncate">
        <b className="font-medium tabular-nums" suppressHydrationWarning>
          Charts show {spanText(range.fixed, place)}
        </b>
        <span className="text-soft max-sm:sr-only"> · numbers and tables are live</span>
      </span>
      <button
        type="button"
        onClick={() => showRange(withoutFixed(range))}
        className="needs-script ml-auto shrink-0 rounded-sm px-2 py-1 font-medium text-accent underline underline-offset-2 pointer-coarse:py-2"
      >
        Back to live
      </button>
    </p>
  );
}
