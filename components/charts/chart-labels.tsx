import type { ReactNode } from "react";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatTick } from "@/lib/shared/format";
import { type Scale, spread, yOf } from "./chart-model";
import type { TimeTick } from "./time-axis";

/** The distance between two labels at the lines' ends, as a share of the plot's height. */
const LABEL_GAP = 0.1;

/** What a label is about: a line, a series of bars. */
interface Labelled {
  name: string;
  /** A CSS variable. */
  colour: string;
}

interface ReadoutProps {
  lines: readonly Labelled[];
  /** One for each line. */
  texts: readonly string[];
  /** What the lines add up to, where that means something. */
  total?: string;
  /** The crosshair's time; the newest values are shown without one. */
  atText?: string;
  rangeText: string;
  status: ChartPicture["status"];
  /** Said or offered after the values. */
  children?: ReactNode;
}

const STATUS_WORDS = { ready: "", loading: " · loading", failed: " · earlier data could not be loaded" };

/** The values in their fixed place above the plot. Where the lines have labels, only the crosshair's are needed. */
export function Readout({ lines, texts, total, atText, rangeText, status, children }: ReadoutProps) {
  return (
    <div className="flex min-h-5 flex-wrap items-center gap-x-4 text-soft text-xs tabular-nums">
      <span className="min-w-24" suppressHydrationWarning>
        {atText ?? rangeText}
        {STATUS_WORDS[status]}
      </span>
      {lines.map(({ name, colour }, i) => (
        <span
          key={name}
          className={`flex items-center gap-1.5 ${atText === undefined ? "@min-[460px]:hidden" : ""}`}
        >
          <Swatch colour={colour} />
          {lines.length > 1 && name}
          <b className="font-medium text-ink" suppressHydrationWarning>
            {texts[i]}
          </b>
        </span>
      ))}
      {total && (
        <span data-total suppressHydrationWarning>
          Total <b className="font-medium text-ink">{total}</b>
        </span>
      )}
      {children}
    </div>
  );
}

export function ValueAxis({ scale, metric, locale }: { scale: Scale; metric: MetricRef; locale: string }) {
  return (
    <div className="relative" aria-hidden="true">
      {scale.ticks.map((tick) => (
        <span
          key={tick}
          className="absolute right-2 -translate-y-1/2 whitespace-nowrap text-soft text-xs tabular-nums"
          style={{ top: `${yOf(tick, scale) * 100}%` }}
          suppressHydrationWarning
        >
          {formatTick(tick, metric, locale, scale.step)}
        </span>
      ))}
    </div>
  );
}

/** Name and value beside the end of each line. */
export function EndLabels({
  lines,
  ends,
  texts,
  scale,
}: {
  lines: readonly Labelled[];
  /** The values where they belong. */
  ends: readonly (number | null)[];
  texts: readonly string[];
  scale: Scale;
}) {
  const places = spread(
    ends.map((value) => (value === null ? 1 : yOf(value, scale))),
    LABEL_GAP,
  );
  return (
    <div className="relative hidden @min-[460px]:block" aria-hidden="true">
      {lines.map(({ name, colour }, i) => (
        <span
          key={name}
          className={`absolute right-0 left-2 flex -translate-y-1/2 items-center gap-1.5 text-xs ${ends[i] === null ? "invisible" : ""}`}
          style={{ top: `${places[i]! * 100}%` }}
        >
          <Swatch colour={colour} />
          {lines.length > 1 && <span className="truncate text-soft">{name}</span>}
          <b className="whitespace-nowrap font-medium tabular-nums" suppressHydrationWarning>
            {texts[i]}
          </b>
        </span>
      ))}
    </div>
  );
}

/** Live, the labels stand still while time slides under them. */
export function TimeAxis({ ticks }: { ticks: readonly TimeTick[] }) {
  return (
    <div className="relative col-start-2 h-5.5 text-soft text-xs tabular-nums" aria-hidden="true">
      {ticks.map(({ place, label }) => (
        <span
          key={place}
          // On a phone every other one would touch the next.
          className="absolute top-1.5 whitespace-nowrap @max-[420px]:nth-last-[2n]:invisible"
          // At the left there is room under the other axis.
          style={{ left: `${place * 100}%`, translate: place > 0.94 ? "-100%" : "-50%" }}
          suppressHydrationWarning
        >
          {label}
        </span>
      ))}
    </div>
  );
}

function Swatch({ colour }: { colour: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 2" className="h-0.5 w-4 shrink-0">
      <path
        d="M0 1h16"
        strokeWidth="2"
        style={{ stroke: `var(${colour})`, strokeDasharray: `var(${colour}-dash)` }}
      />
    </svg>
  );
}
