"use client";

import {
  type ChartDataset,
  type ChartOptions,
  Chart as ChartRegistry,
  LinearScale,
  LineElement,
  type Plugin,
  PointElement,
} from "chart.js";
import { useTheme } from "next-themes";
import { useEffect, useMemo, useRef, useState } from "react";
import { Line } from "react-chartjs-2";
import { useMediaQuery } from "@/components/ui/use-media-query";
import type { Point } from "@/lib/shared/protocol";
import type { Span } from "@/lib/shared/time-range";
import type { ChartLine } from "./chart-lines";
import { type Scale, xOf, yOf } from "./chart-model";
import { BEFORE_DASH, BEFORE_WIDTH, OTHER_OPACITY } from "./marks";

ChartRegistry.register(LinearScale, LineElement, PointElement);

/** Both axes run from 0 to 1, as the model does; grid, labels and crosshair are HTML around the canvas. */
const AXIS = { type: "linear", display: false, min: 0, max: 1 } as const;
const OPTIONS: ChartOptions<"line"> = {
  animation: false,
  normalized: true,
  parsing: false,
  responsive: true,
  maintainAspectRatio: false,
  events: [],
  layout: { padding: 0, autoPadding: false },
  scales: { x: AXIS, y: AXIS },
};

interface Place {
  x: number;
  y: number;
}

interface Band {
  low: readonly Place[];
  high: readonly Place[];
  colour: string;
}

type Dataset = ChartDataset<"line", Place[]> & { band?: Band };

/**
 * Fills the bands below all lines. Chart.js fills between two lines in two passes over clipped areas, which costs
 * several times what the lines do.
 */
const BANDS: Plugin<"line"> = {
  id: "bands",
  beforeDatasetsDraw({ ctx, chartArea: { left, right, top, bottom }, data }) {
    for (const { band } of data.datasets as Dataset[]) {
      if (!band) continue;
      const { low, high } = band;
      const lineTo = ({ x, y }: Place) => ctx.lineTo(left + x * (right - left), bottom - y * (bottom - top));
      ctx.fillStyle = band.colour;
      for (let start = 0, i = 0; i <= low.length; i += 1) {
        if (i < low.length && !Number.isNaN(low[i]!.y)) continue;
        ctx.beginPath();
        for (let k = start; k < i; k += 1) lineTo(high[k]!);
        for (let k = i - 1; k >= start; k -= 1) lineTo(low[k]!);
        ctx.fill();
        start = i + 1;
      }
    }
  },
};
const PLUGINS = [BANDS];

export interface ChartCanvasProps {
  lines: readonly ChartLine[];
  scale: Scale;
  span: Span;
  /** Called once the lines are drawn. */
  onReady: (ready: boolean) => void;
}

interface Ink {
  colours: string[];
  /** Each line's dashes, px; none usually. */
  dashes: number[][];
  width: number;
}

/** The lines, drawn by Chart.js in the box that the server's SVG had. */
export default function ChartCanvas({ lines, scale, span, onReady }: ChartCanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const [ink, setInk] = useState<Ink>();
  const { resolvedTheme } = useTheme();
  const names = lines.map(({ colour }) => colour).join();

  const isStark = useMediaQuery("(prefers-contrast: more)");
  const isForced = useMediaQuery("(forced-colors: active)");

  // A canvas knows no CSS variables; they change with the theme and with how much contrast is asked for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these decide what the variables hold.
  useEffect(() => {
    const style = getComputedStyle(box.current!);
    const colours = names.split(",").map((name) => style.getPropertyValue(name));
    const dashes = names.split(",").map((name) => dashOf(style.getPropertyValue(`${name}-dash`)));
    setInk({ colours, dashes, width: Number(style.getPropertyValue("--chart-width")) || 2 });
  }, [names, resolvedTheme, isStark, isForced]);
  useEffect(() => {
    if (ink) onReady(true);
  }, [ink, onReady]);

  const data = useMemo(
    () => ({ datasets: ink ? datasetsOf(lines, scale, span, ink) : [] }),
    [lines, scale, span, ink],
  );
  return (
    <div ref={box} className="absolute inset-x-0 inset-y-px">
      {ink && <Line data={data} options={OPTIONS} plugins={PLUGINS} updateMode="none" aria-hidden />}
    </div>
  );
}

/** The lines first, as Chart.js draws the first one on top. */
function datasetsOf(
  lines: readonly ChartLine[],
  scale: Scale,
  span: Span,
  { colours, dashes, width }: Ink,
): Dataset[] {
  const place = (points: readonly Point[]) =>
    points.map(([ts, value]) => ({
      x: xOf(ts, span),
      y: value === null ? Number.NaN : 1 - yOf(value, scale),
    }));
  const stroke = (i: number) => ({
    borderColor: colours[i],
    borderWidth: width,
    borderJoinStyle: "round" as const,
    borderCapStyle: "round" as const,
    pointBorderWidth: 0,
    backgroundColor: colours[i],
  });
  const drawn = lines.map(
    ({ name, points, isOther, band }, i): Dataset => ({
      label: name,
      data: place(points),
      pointRadius: dots(points),
      // Always there, as what is left out would stay from the last time.
      band: band && {
        low: place(band.low),
        high: place(band.high),
        colour: faint(colours[i]!, band.opacity),
      },
      ...stroke(i),
      borderDash: dashes[i],
      ...(isOther && { borderColor: faint(colours[i]!, OTHER_OPACITY) }),
    }),
  );
  const compared = lines.flatMap(({ name, before }, i): Dataset[] =>
    before
      ? [
          {
            label: before.isTotal ? "Total, before" : `${name}, before`,
            data: place(before.points),
            pointRadius: 0,
            ...stroke(i),
            borderWidth: width * BEFORE_WIDTH,
            borderDash: BEFORE_DASH,
          },
        ]
      : [],
  );
  return [...drawn, ...compared];
}

/** "8 4" */
function dashOf(text: string): number[] {
  return text.split(" ").filter(Boolean).map(Number);
}

function faint(colour: string, opacity: number): string {
  return `color-mix(in oklab, ${colour} ${opacity * 100}%, transparent)`;
}

/** Only a reading without neighbours needs a dot; a line of two shows by itself. */
function dots(points: readonly Point[]): number | number[] {
  const radii = points.map(([, value], i) => {
    const alone =
      value !== null && (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null;
    return alone ? 1.5 : 0;
  });
  return radii.includes(1.5) ? radii : 0;
}
