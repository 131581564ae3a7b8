"use client";

import { useLocale } from "@/components/live/hooks";
import type { ChartPicture } from "@/lib/client/chart-data";
import { type Silence, xOf } from "./chart-model";
import { gapsOf } from "./gaps";

/** So many gaps, the newest ones, are labelled in the plot, each on a line of its own. */
const LABELLED = 2;
/** From below, as most thresholds have their names above; the first line is left to one that lies below the plot. */
const LABEL_LINE_REM = 1.25;

interface ChartGapsProps {
  silences: readonly Silence[];
  picture: ChartPicture;
  /** Why there is no data now, in the source's words. */
  reason?: string;
}

/** Hatched where there is no data, with from when to when and why. */
export function ChartGaps({ silences, picture, reason }: ChartGapsProps) {
  const place = useLocale();
  const { span, now } = picture;
  const gaps = gapsOf(silences, picture, place, reason);
  return gaps.toReversed().map(({ from, to, text, kind }, i) => {
    const left = Math.max(0, xOf(from, span));
    const right = Math.min(1, xOf(to ?? now, span));
    if (right <= left) return null;
    const middle = (left + right) / 2;
    return (
      <div key={`${kind}${from}`}>
        <div
          data-silence={kind === "silence" ? `${from}-${to ?? ""}` : undefined}
          data-unknown={kind === "unknown" ? `${from}-${to}` : undefined}
          title={text}
          className={`absolute inset-y-0 border-line border-x ${kind === "silence" ? "hatch" : "bg-sunken/60"}`}
          style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
        />
        {i < LABELLED && (
          // Room is shared out left and right of the label, so that it never leaves the plot.
          <div className="absolute inset-x-0 z-10 flex" style={{ bottom: `${(i + 1) * LABEL_LINE_REM}rem` }}>
            <span style={{ flexGrow: middle }} />
            <span
              className="min-w-0 truncate rounded-sm bg-surface/85 px-1 text-soft text-xs tabular-nums"
              suppressHydrationWarning
            >
              {text}
            </span>
            <span style={{ flexGrow: 1 - middle }} />
          </div>
        )}
      </div>
    );
  });
}
