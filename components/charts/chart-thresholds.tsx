"use client";

import { useLocale } from "@/components/live/hooks";
import { type Scale, yOf } from "./chart-model";
import { labelsBelow, type ShownThreshold, thresholdText } from "./thresholds";

/** Told apart by icon, word and line; colour only helps. */
const LOOKS = {
  attention: { icon: "▲", line: "border-attention border-dashed", colour: "text-attention" },
  bad: { icon: "◆", line: "border-bad border-solid", colour: "text-bad" },
};

/** Hairlines with their labels at the left, where no line ends; one that lies outside the plot is only named. */
export function ThresholdLines({
  thresholds,
  scale,
}: {
  thresholds: readonly ShownThreshold[];
  scale: Scale;
}) {
  const { locale } = useLocale();
  const nearest = thresholds.filter(
    ({ where }, i) =>
      where === "inside" ||
      (where === "above" ? thresholds[i - 1]?.where !== "above" : thresholds[i + 1]?.where !== "below"),
  );
  const places = nearest.map(({ value, where }) =>
    where === "above" ? 0 : where === "below" ? Number.POSITIVE_INFINITY : yOf(value, scale),
  );
  const isBelow = labelsBelow(places);
  return nearest.map((threshold, i) => {
    const { value, level, where } = threshold;
    const isInside = where === "inside";
    const place = places[i]!;
    const { icon, line, colour } = LOOKS[level];
    return (
      <div
        key={value}
        data-threshold={value}
        className={`pointer-events-none absolute inset-x-0 ${isInside ? `border-t ${line}` : "inset-y-0"}`}
        style={isInside ? { top: `calc((100% - 1px) * ${place})` } : undefined}
      >
        <span
          className={`absolute left-0 flex items-center gap-1 whitespace-nowrap rounded-sm bg-surface/85 px-1 text-xs leading-4 ${isInside ? colour : "text-soft"} ${isBelow[i] ? "top-0.5" : "bottom-0.5"}`}
        >
          <span aria-hidden className="text-[0.625rem]">
            {isInside ? icon : where === "above" ? "↑" : "↓"}
          </span>
          <span suppressHydrationWarning>{thresholdText(threshold, locale)}</span>
        </span>
      </div>
    );
  });
}
