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
  // In whichever zone times are shown, the data is the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rest of it is of no matter here.
  const shown = useMemo(
    () => ({ ...range, utc: false }),
    [range.window, range.fixed?.from, range.fixed?.to, range.compare],
  );
  const client = useLiveClient();
  const page = useContext(PageContext);
  const { points, lead } = grainOf(widthOf(range));
  const first = useRef({ shown, points });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart's metrics are constant, and the page is where it began.
  const data = useMemo(() => {
    // In another time zone than the server knew of, bars may need finer buckets.
    const isFirst = first.current.shown === shown && first.current.points === points;
    const seeded = (channel: string, metric: string) => page?.series[channel]?.[metric] ?? NO_POINTS;
    return new ChartData({
      metrics,
      range: shown,
      grain: { points, lead },
      now: (isFirst ? undefined : client?.serverNow()) ?? page?.frame.now ?? 0,
      // The first render is the server's again, from what the page came with.
      series: client && !isFirst ? client.charts.series : seeded,
      initial: isFirst ? initial : undefined,
    });
  }, [shown, client, points, lead]);
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
