"use client";

import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useConnection, useLocale } from "@/components/live/hooks";
import { useLazy } from "@/components/ui/use-lazy";
import type { MetricRef } from "@/lib/shared/define-channel";
import { formatTime } from "@/lib/shared/format";
import type { Point } from "@/lib/shared/protocol";
import { pathOf, type Scale, type Silence, WINDOW_MS, xOf, yOf } from "./chart-model";
import { setCrosshair } from "./crosshair";

export interface ChartLine {
  metric: MetricRef;
  name: string;
  /** A CSS variable. */
  colour: string;
  points: readonly Point[];
  limit: number;
}

interface ChartPlotProps {
  title: string;
  lines: readonly ChartLine[];
  scale: Scale;
  now: number;
  silences: readonly Silence[];
  /** Why there is no data now, in the source's words. */
  reason?: string;
  crosshair: number | null;
  /** What the crosshair reads, for people who do not see it. */
  valueText: string;
}

const loadCanvas = () => import("./chart-canvas");

const WIDTH = 1000;
const HEIGHT = 200;
/** An arrow key moves the crosshair by five seconds. */
const KEY_STEP = 5000 / WINDOW_MS;
const SECONDS = WINDOW_MS / 1000;
/** So many silences, the newest ones, are labelled in the plot, each on a line of its own. */
const LABELLED = 2;
const LABEL_LINE_PX = 20;

/** The plot itself: grid, silences, lines and crosshair, all in one box of a fixed size. */
export function ChartPlot(props: ChartPlotProps) {
  const { title, lines, scale, now, silences, reason, crosshair, valueText } = props;
  // Chart.js comes after the numbers. Until then, and without it, the SVG shows the same.
  const Canvas = useLazy(loadCanvas, useConnection().status === "live");
  const [drawn, setDrawn] = useState(false);
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setCrosshair((event.clientX - left) / width);
  };
  const leave = () => setCrosshair(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = crosshair ?? 1;
    const targets: Record<string, number | null> = {
      ArrowLeft: crosshair === null ? 1 : at - KEY_STEP,
      ArrowRight: at + KEY_STEP,
      Home: 0,
      End: 1,
      Escape: null,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setCrosshair(target);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${title}: time`}
      aria-valuemin={-SECONDS}
      aria-valuemax={0}
      aria-valuenow={crosshair === null ? 0 : Math.round((crosshair - 1) * SECONDS)}
      aria-valuetext={crosshair === null ? "now" : valueText}
      onPointerMove={move}
      onPointerDown={move}
      onPointerLeave={leave}
      onPointerCancel={leave}
      onBlur={leave}
      onKeyDown={onKeyDown}
      className="relative h-45 cursor-crosshair touch-pan-y overflow-hidden rounded-sm md:h-55"
    >
      {scale.ticks.map((tick) => (
        <div
          key={tick}
          className="absolute inset-x-0 h-px bg-line"
          style={{ top: `calc((100% - 1px) * ${yOf(tick, scale)})` }}
        />
      ))}
      <Silences silences={silences} now={now} reason={reason} />
      {!drawn && (
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="absolute inset-x-0 top-px h-[calc(100%-2px)] w-full"
          aria-hidden="true"
        >
          {lines.map(({ name, colour, points }) => (
            <path
              key={name}
              d={pathOf(points, scale, now, WIDTH, HEIGHT)}
              fill="none"
              strokeLinejoin="round"
              strokeLinecap="round"
              vectorEffect="non-scaling-stroke"
              style={{ stroke: `var(${colour})`, strokeWidth: "var(--chart-width)" }}
            />
          ))}
        </svg>
      )}
      {Canvas && <Canvas lines={lines} scale={scale} now={now} onReady={setDrawn} />}
      {crosshair !== null && (
        <div
          className="absolute inset-y-0 w-px -translate-x-1/2 bg-ink/60"
          style={{ left: `${crosshair * 100}%` }}
        />
      )}
    </div>
  );
}

/** Hatched where there was no data, with from when to when and, while it lasts, why. */
function Silences({ silences, now, reason }: { silences: readonly Silence[]; now: number; reason?: string }) {
  const place = useLocale();
  return silences.toReversed().map(({ from, to }, i) => {
    const left = Math.max(0, xOf(from, now));
    const right = to === null ? 1 : xOf(to, now);
    const middle = (left + right) / 2;
    const span =
      to === null
        ? `since ${formatTime(from, place)}`
        : `${formatTime(from, place)}–${formatTime(to, place)}`;
    const text = `no data ${span}${to === null && reason ? ` · ${reason}` : ""}`;
    return (
      <div key={from}>
        <div
          data-silence={`${from}-${to ?? ""}`}
          title={text}
          className="hatch absolute inset-y-0 border-line border-x"
          style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
        />
        {i < LABELLED && (
          // Room is shared out left and right of the label, so that it never leaves the plot.
          <div className="absolute inset-x-0 z-10 flex" style={{ top: 4 + i * LABEL_LINE_PX }}>
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
