"use client";

import { type KeyboardEvent, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { zoomBack, zoomTo } from "@/components/time/use-range";
import { useLazy } from "@/components/ui/use-lazy";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { TimeRange } from "@/lib/shared/time-range";
import { ChartGaps } from "./chart-gaps";
import type { ChartLine } from "./chart-lines";
import { type Scale, type Silence, yOf } from "./chart-model";
import { ThresholdLines } from "./chart-thresholds";
import { setCrosshair } from "./crosshair";
import type { Mark } from "./marks";
import { MarksDrawing } from "./marks-drawing";
import type { ShownThreshold } from "./thresholds";
import { useDragZoom } from "./use-drag-zoom";

interface ChartPlotProps {
  title: string;
  /** What is drawn, in the box that `MarksDrawing` has. */
  marks: readonly Mark[];
  /** Lines that a canvas draws in the marks' place once it is there. */
  lines?: readonly ChartLine[];
  scale: Scale;
  thresholds?: readonly ShownThreshold[];
  picture: ChartPicture;
  range: TimeRange;
  silences: readonly Silence[];
  /** Why there is no data now, in the source's words. */
  reason?: string;
  crosshair: number | null;
  /** What the crosshair reads, for people who do not see it. */
  valueText: string;
}

const loadCanvas = () => import("./chart-canvas");

/** An arrow key moves the crosshair by so much of the plot. */
const KEY_STEP = 1 / 60;

/** The plot itself: grid, silences, lines and crosshair, all in one box of a fixed size. */
export function ChartPlot(props: ChartPlotProps) {
  const { title, marks, lines, scale, thresholds, picture, range, silences, reason, crosshair, valueText } =
    props;
  const { span } = picture;
  // Chart.js comes after the numbers. Until then, and without it, the SVG shows the same.
  const Canvas = useLazy(loadCanvas, useConnection().status === "live" && lines !== undefined);
  const [drawn, setDrawn] = useState(false);
  const { selection, handlers } = useDragZoom((from, to) => {
    const at = (place: number) => span.from + place * (span.to - span.from);
    zoomTo(range, { from: at(from), to: at(to) });
  });
  const zoom = (factor: number) => {
    const width = (span.to - span.from) * factor;
    const middle = span.from + (crosshair ?? 0.5) * (span.to - span.from);
    const to = Math.min(middle + width / 2, Math.max(span.to, picture.now));
    zoomTo(range, { from: to - width, to });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = crosshair ?? 1;
    const targets: Record<string, number | null> = {
      ArrowLeft: crosshair === null ? 1 : at - KEY_STEP,
      ArrowRight: at + KEY_STEP,
      Home: 0,
      End: 1,
      Escape: null,
    };
    const target = targets[event.key];
    if (target !== undefined) setCrosshair(target);
    else if (event.key === "+") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "Backspace") zoomBack(range);
    else return;
    event.preventDefault();
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${title}: time`}
      aria-keyshortcuts="+ - Backspace"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((crosshair ?? 1) * 100)}
      aria-valuetext={crosshair === null ? "the newest" : valueText}
      {...handlers}
      onDoubleClick={() => zoomBack(range)}
      onBlur={() => setCrosshair(null)}
      onKeyDown={onKeyDown}
      title="Drag to zoom, double-click to go back"
      className="relative h-45 cursor-crosshair touch-pan-y select-none overflow-hidden rounded-sm md:h-55"
    >
      {scale.ticks.map((tick) => (
        <div
          key={tick}
          className="absolute inset-x-0 h-px bg-line"
          style={{ top: `calc((100% - 1px) * ${yOf(tick, scale)})` }}
        />
      ))}
      <ChartGaps silences={silences} picture={picture} reason={reason} />
      {!drawn && <MarksDrawing marks={marks} />}
      {Canvas && lines && <Canvas lines={lines} scale={scale} span={span} onReady={setDrawn} />}
      {thresholds && <ThresholdLines thresholds={thresholds} scale={scale} />}
      {selection && (
        <div
          className="absolute inset-y-0 border-accent border-x bg-accent/15"
          style={{ left: `${selection.from * 100}%`, width: `${(selection.to - selection.from) * 100}%` }}
        />
      )}
      {crosshair !== null && (
        <div
          className="absolute inset-y-0 w-px -translate-x-1/2 bg-ink/60"
          style={{ left: `${crosshair * 100}%` }}
        />
      )}
    </div>
  );
}
