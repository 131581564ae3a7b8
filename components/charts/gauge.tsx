"use client";

import { OctagonAlert, TriangleAlert } from "lucide-react";
import { AsOf, FreshnessNote, isOld, useReason } from "@/components/cards/freshness-note";
import { useFreshness, useLocale, useMetric } from "@/components/live/hooks";
import { useSteady } from "@/components/ui/use-steady";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatInline, formatTick, formatValue } from "@/lib/shared/format";
import { arcPath, GAUGE, gaugeOf, type Zone, zonesOf } from "./gauge-model";

const COLOURS: Record<Zone["level"], string> = {
  usual: "--accent",
  attention: "--attention",
  bad: "--bad",
};

/**
 * How full something is: for a value between a least and a most, where the room that is left is the news. Everywhere
 * else a number says it better.
 */
export function Gauge({ metric }: { metric: MetricRef }) {
  const { min = 0, max = 100, title, about, thresholds = [] } = metric;
  const { freshness } = useFreshness(metric.channel, metric.maxAge);
  const value = useSteady(useMetric(metric).value);
  const { locale } = useLocale();
  const old = isOld(freshness);
  const reason = useReason(metric);
  const { text, unit } = formatValue(value, metric, locale);
  const { share, level } = gaugeOf(value ?? min, metric);
  const reached = thresholds.findLast((one) => one.level === level);
  const Icon = level === "bad" ? OctagonAlert : TriangleAlert;
  const isKnown = typeof value === "number";
  return (
    <article
      data-testid={`gauge-${metric.channel}-${metric.metric}`}
      data-value={value ?? ""}
      data-freshness={freshness}
      className="flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface p-3 2xl:p-4"
    >
      <h2 className="truncate text-label text-soft" title={about}>
        {title}
      </h2>
      {/* biome-ignore lint/a11y/useSemanticElements: the browser's own meter cannot be drawn as a ring. */}
      <div
        role="meter"
        aria-label={title}
        aria-valuemin={min}
        aria-valuemax={max}
        aria-valuenow={value ?? min}
        aria-valuetext={
          isKnown
            ? [formatInline(value, metric, locale), reached?.label].filter(Boolean).join(", ")
            : "no value"
        }
        className={`relative mx-auto w-full max-w-56 rounded-sm outline-dashed outline-1 ${old ? "outline-line-strong" : "outline-transparent"} ${freshness === "lost" ? "hatch" : ""}`}
      >
        <svg viewBox={`0 0 ${GAUGE.width} ${GAUGE.height}`} className="block w-full" aria-hidden="true">
          <g fill="none" strokeWidth={GAUGE.thickness}>
            <path d={arcPath(0, 1)} stroke="var(--sunken)" />
            {isKnown && <path d={arcPath(0, share)} stroke={`var(${COLOURS[level]})`} />}
            {zonesOf(metric)
              .filter((zone) => zone.level !== "usual")
              .map((zone) => (
                <path
                  key={zone.from}
                  d={arcPath(zone.from, zone.to)}
                  // The zones lie outside the ring, so that they show beside any value.
                  transform={`translate(${GAUGE.width / 2} ${GAUGE.height - 8}) scale(1.09) translate(${-GAUGE.width / 2} ${8 - GAUGE.height})`}
                  stroke={`var(${COLOURS[zone.level]})`}
                  strokeWidth={3}
                />
              ))}
          </g>
        </svg>
        <p className="absolute inset-x-0 bottom-1 text-center" suppressHydrationWarning>
          <span className="font-semibold text-number tabular-nums tracking-tight">{text}</span>
          {unit && <span className="ml-0.5 text-base text-soft">{unit}</span>}
        </p>
      </div>
      {old ? (
        <p className="min-h-4 truncate text-center text-soft text-xs" title={reason}>
          <AsOf of={metric} />
        </p>
      ) : (
        <p className="mx-auto flex min-h-4 w-full max-w-56 items-center justify-between gap-1 text-soft text-xs tabular-nums">
          <span aria-hidden suppressHydrationWarning>
            {formatTick(min, metric, locale)}
          </span>
          {isKnown && reached && (
            <span className={`flex items-center gap-1 ${level === "bad" ? "text-bad" : "text-attention"}`}>
              <Icon aria-hidden className="size-3.5" />
              {reached.label}
            </span>
          )}
          <span aria-hidden suppressHydrationWarning>
            {formatTick(max, metric, locale)}
          </span>
        </p>
      )}
      {/* Its place is kept, so that nothing moves when there is a reason. */}
      <p className="min-h-4 truncate text-center text-soft text-xs">{reason}</p>
      <div className="mt-auto">
        <FreshnessNote of={metric} />
      </div>
    </article>
  );
}
