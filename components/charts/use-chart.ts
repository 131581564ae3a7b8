"use client";

import { type RefObject, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { PageContext, useLiveClient } from "@/components/live/live-context";
import { useRange } from "@/components/time/use-range";
import { ChartData, type ChartPicture } from "@/lib/client/chart-data";
import type { MetricRef } from "@/lib/shared/define-channel";
import { FINE, type Grain, type History } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import { type TimeRange, widthOf } from "@/lib/shared/time-range";

const NO_POINTS: readonly Point[] = [];
/** So far beyond the screen charts are kept up to date, so that a scroll finds them drawn. */
const MARGIN = "50px";

export interface ShownChart {
  range: TimeRange;
  picture: ChartPicture;
}

/**
 * What a chart of these metrics shows now. It renders again at most four times a second, and not while `box` is off
 * the screen. `metrics` is constant; `initial` is what the server loaded for the page's range, and `grainOf` gives how finely a
 * range of some width (ms) is looked at.
 */
export function useChart(
  metrics: readonly MetricRef[],
  initial: readonly History[] | undefined,
  box: RefObject<HTMLElement | null>,
  grainOf: (width: number) => Grain = () => FINE,
): ShownChart {
  const range = useRange();
  const client = useLiveClient();
  const page = useContext(PageContext);
  const first = useRef(range);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart's metrics are constant, and the page is where it began.
  const data = useMemo(() => {
    const isFirst = first.current === range;
    const seeded = (channel: string, metric: string) => page?.series[channel]?.[metric] ?? NO_POINTS;
    return new ChartData({
      metrics,
      range,
      grain: grainOf(widthOf(range)),
      now: (isFirst ? undefined : client?.serverNow()) ?? page?.frame.now ?? 0,
      // The first render is the server's again, from what the page came with.
      series: client && !isFirst ? client.charts.series : seeded,
      initial: isFirst ? initial : undefined,
    });
  }, [range, client]);
  useEffect(() => client && data.start(client.charts), [client, data]);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => data.show(entries.some(({ isIntersecting }) => isIntersecting)),
      { rootMargin: MARGIN },
    );
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [data, box]);
  const picture = useSyncExternalStore(data.subscribe, data.picture, data.picture);
  return { range, picture };
}
