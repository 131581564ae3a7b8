"use client";

import { useRef, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { afterPaint } from "@/components/ui/after-paint";
import { useLazy } from "@/components/ui/use-lazy";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { PageAnnotations } from "@/lib/shared/annotations";
import type { TimeRange } from "@/lib/shared/time-range";
import { ChartFlags } from "./chart-flags";
import { ChartGaps } from "./chart-gaps";
import type { ChartLine } from "./chart-lines";
import { type Scale, type Silence, yOf } from "./chart-model";
import { ThresholdLines } from "./chart-thresholds";
import type { Mark } from "./marks";
import { MarksDrawing } from "./marks-drawing";
import type { Drag } from "./plot-controls";
import type { ShownThreshold } from "./thresholds";

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
  /** What the server knew of annotations in the page's first range. */
  annotations?: PageAnnotations;
}

const loadCanvas = () => import("./chart-canvas");
const loadControls = () => afterPaint().then(() => import("./plot-controls"));

/** The plot itself: grid, silences, lines and crosshair, all in one box of a fixed size, with flags above it. */
export function ChartPlot(props: ChartPlotProps) {
  const { title, marks, lines, scale, thresholds, picture, range, silences, reason, crosshair } = props;
  const { valueText, annotations } = props;
  const { span, now } = picture;
  const isLive = useConnection().status === "live";
  // Chart.js comes after the numbers. Until then, and without it, the SVG shows the same.
  const Canvas = useLazy(loadCanvas, isLive && lines !== undefined);
  const controls = useLazy(loadControls, isLive);
  const [drawn, setDrawn] = useState(false);
  const [drag, setDrag] = useState<Drag>({});
  const { selection } = drag;
  const [firstRange] = useState(range);
  const [noteAt, setNoteAt] = useState<number>();
  // Who moves the crosshair hears what it reads; that time slides on under it is nothing to interrupt them for.
  const read = useRef({ crosshair, valueText });
  if (read.current.crosshair !== crosshair) read.current = { crosshair, valueText };
  return (
    <div className="relative">
      <div
        {...controls?.({
          ...{ title, span, now, range, crosshair, drag, setDrag },
          valueText: read.current.valueText,
          addNote: setNoteAt,
        })}
        className="relative h-45 cursor-crosshair touch-pan-y select-none overflow-hidden rounded-sm md:h-55 in-data-fill:xl:h-full"
      >
        {scale.ticks.map((tick) => (
          <div
            key={tick}
            className="absolute inset-x-0 border-line border-t"
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
            className="absolute inset-y-0 -translate-x-1/2 border-ink/60 border-l"
            style={{ left: `${crosshair * 100}%` }}
          />
        )}
      </div>
      <ChartFlags
        title={title}
        range={range}
        picture={picture}
        initial={range === firstRange ? annotations : undefined}
        noteAt={noteAt}
        endNote={() => setNoteAt(undefined)}
      />
    </div>
  );
}
