import type { MetricRef } from "@/lib/shared/define-channel";
import { formatTick } from "@/lib/shared/format";
import { type Scale, spread, WINDOW_MS, yOf } from "./chart-model";
import type { ChartLine } from "./chart-plot";

/** The distance between two labels at the lines' ends, as a share of the plot's height. */
const LABEL_GAP = 0.1;
export const MINUTES = WINDOW_MS / 60_000;

interface ReadoutProps {
  lines: readonly ChartLine[];
  /** One for each line. */
  texts: readonly string[];
  /** The crosshair's time; the newest values are shown without one. */
  atText?: string;
}

/** The values in their fixed place above the plot. Where the lines have labels, only the crosshair's are needed. */
export function Readout({ lines, texts, atText }: ReadoutProps) {
  return (
    <p className="flex min-h-5 flex-wrap items-center gap-x-4 text-soft text-xs tabular-nums">
      <span className="min-w-24" suppressHydrationWarning>
        {atText ?? `Last ${MINUTES} minutes`}
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
    </p>
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
  lines: readonly ChartLine[];
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

/** The labels stand still while time slides under them. */
export function TimeAxis() {
  return (
    <div className="col-start-2 flex justify-between pt-1.5 text-soft text-xs" aria-hidden="true">
      {Array.from({ length: MINUTES + 1 }, (_, i) => MINUTES - i).map((minutes) => (
        <span key={minutes}>{timeLabel(minutes)}</span>
      ))}
    </div>
  );
}

function timeLabel(minutes: number): string {
  if (minutes === 0) return "now";
  return minutes === MINUTES ? `${minutes}\u00a0min ago` : `${minutes}\u00a0min`;
}

function Swatch({ colour }: { colour: string }) {
  return (
    <span aria-hidden className="h-0.5 w-3 shrink-0 rounded-full" style={{ background: `var(${colour})` }} />
  );
}
