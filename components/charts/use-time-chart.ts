"use client";

import { type RefObject, useMemo } from "react";
import { useLocale } from "@/components/live/hooks";
import { useDownReason } from "@/components/live/use-down-reason";
import { rangeText } from "@/components/time/range-words";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatTime } from "@/lib/shared/format";
import type { Grain, History } from "@/lib/shared/history";
import { silenceLimit } from "./chart-model";
import { commonSilences } from "./common-silences";
import { useCrosshair } from "./crosshair";
import { clockTicks, liveTicks } from "./time-axis";
import { useChart } from "./use-chart";

/** What every chart over the page's time range has in common: `useChart`, its silences, axis and crosshair. */
export function useTimeChart(
  metrics: readonly MetricRef[],
  initial: readonly History[] | undefined,
  box: RefObject<HTMLElement | null>,
  grainOf?: (width: number) => Grain,
) {
  const { range, picture } = useChart(metrics, initial, box, grainOf);
  const place = useLocale();
  const crosshair = useCrosshair();
  const reason = useDownReason(metrics);
  const { span, now } = picture;
  const quiet = useMemo(() => {
    const lines = metrics.map((metric, i) => ({
      buckets: picture.lines[i] ?? [],
      limit: silenceLimit(metric),
    }));
    return commonSilences(lines, picture.span, picture.now, picture.outages);
  }, [picture, metrics]);
  const ticks = useMemo(
    () => (range.fixed ? clockTicks(range.fixed, place) : liveTicks(range.window)),
    [range, place],
  );
  const at = crosshair === null ? null : span.from + crosshair * (span.to - span.from);
  return {
    ...{ range, picture, place, crosshair, silences: quiet, reason, ticks },
    /** Where the crosshair is, ms. */
    at,
    atText: at === null ? undefined : formatTime(at, place, now),
    shown: rangeText(range, place),
  };
}
