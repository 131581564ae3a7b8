"use client";

import { silenceLimit } from "@/components/charts/chart-model";
import { useFreshness, useLocale, useMetric, useSeries } from "@/components/live/hooks";
import { useChangeEffect } from "@/components/ui/use-change-effect";
import { useSteady } from "@/components/ui/use-steady";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatChange, formatValue } from "@/lib/shared/format";
import { AsOf, FreshnessNote, isOld, useReason } from "./freshness-note";
import { Sparkline } from "./sparkline";
import { readingAt } from "./sparkline-model";

const FADE: Keyframe[] = [{ opacity: 0.35 }, { opacity: 1 }];
const FADE_MS = 150;
const MINUTE_MS = 60_000;

/** One number that matters: its value and unit, its change, its last minutes and its age. */
export function MetricCard({ metric }: { metric: MetricRef }) {
  const { freshness } = useFreshness(metric.channel, metric.maxAge);
  const value = useSteady(useMetric(metric).value);
  const { locale } = useLocale();
  const points = useSeries(metric);
  const { text, unit, unitFirst, exact } = formatValue(value, metric, locale);
  const number = useChangeEffect<HTMLSpanElement>(text, FADE, FADE_MS);
  const old = isOld(freshness);
  const reason = useReason(metric);
  const unitSpan = unit && (
    <span className="font-normal text-base text-soft @min-[240px]:text-xl" suppressHydrationWarning>
      {unit}
    </span>
  );
  return (
    <article
      data-testid={`metric-${metric.channel}-${metric.metric}`}
      data-value={value ?? ""}
      data-freshness={freshness}
      className="@container flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface p-3 2xl:p-4"
    >
      <h2 className="truncate text-label text-soft" title={metric.about}>
        {metric.title}
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact value shows on focus too. */}
      <p tabIndex={0} className="peer w-fit max-w-full rounded-sm">
        <span
          className={`-mx-1.5 inline-flex max-w-[calc(100%+12px)] items-baseline gap-1 whitespace-nowrap rounded-sm px-1.5 outline-dashed outline-1 -outline-offset-1 ${old ? "outline-line-strong" : "outline-transparent"} ${freshness === "lost" ? "hatch" : ""}`}
        >
          {unitFirst && unitSpan}
          <span
            ref={number}
            className="font-semibold text-number tabular-nums tracking-tight @min-[240px]:text-number-large"
            suppressHydrationWarning
          >
            {text}
          </span>
          {!unitFirst && unitSpan}
        </span>
      </p>
      <p
        className="hidden h-4 truncate text-soft text-xs tabular-nums peer-hover:block peer-focus:block"
        suppressHydrationWarning
      >
        {exact}
      </p>
      <div className="h-4 truncate text-soft text-xs peer-hover:hidden peer-focus:hidden">
        {old ? (
          <AsOf of={metric} />
        ) : (
          <Change metric={metric} value={value} points={points} locale={locale} />
        )}
      </div>
      <Sparkline metric={metric} points={points} locale={locale} instead={reason} />
      <FreshnessNote of={metric} />
    </article>
  );
}

interface ChangeProps {
  metric: MetricRef;
  value: number | null | undefined;
  points: ReturnType<typeof useSeries>;
  locale: string;
}

/** The change against a minute before the newest reading, coloured by whether it is good news. */
function Change({ metric, value, points, locale }: ChangeProps) {
  const newest = points.at(-1)?.[0];
  const before = newest === undefined ? null : readingAt(points, newest - MINUTE_MS, silenceLimit(metric));
  const change = formatChange(value, before, metric, locale);
  if (!change) return null;
  const { direction, text } = change;
  const isGood = direction === metric.good;
  const colour = direction === "flat" || !metric.good ? "" : isGood ? "text-good" : "text-bad";
  return (
    <p className="truncate">
      {direction === "flat" ? (
        "No change in 1 min"
      ) : (
        <>
          <span className={`font-medium tabular-nums ${colour}`} suppressHydrationWarning>
            {direction === "up" ? "▲" : "▼"}&nbsp;{text}
          </span>{" "}
          vs 1 min<span className="@max-[150px]:hidden"> ago</span>
        </>
      )}
    </p>
  );
}
