"use client";

import { type ChartOptions, Chart as ChartRegistry, LinearScale, LineElement, PointElement } from "chart.js";
import { useTheme } from "next-themes";
import { useEffect, useMemo, useRef, useState } from "react";
import { Line } from "react-chartjs-2";
import type { Point } from "@/lib/shared/protocol";
import { type Scale, xOf, yOf } from "./chart-model";

ChartRegistry.register(LinearScale, LineElement, PointElement);

/** Both axes run from 0 to 1, as the model does; grid, labels and crosshair are HTML around the canvas. */
const AXIS = { type: "linear", display: false, min: 0, max: 1 } as const;
const OPTIONS: ChartOptions<"line"> = {
  animation: false,
  normalized: true,
  responsive: true,
  maintainAspectRatio: false,
  events: [],
  layout: { padding: 0, autoPadding: false },
  scales: { x: AXIS, y: AXIS },
};

export interface ChartCanvasProps {
  lines: readonly { name: string; colour: string; points: readonly Point[] }[];
  scale: Scale;
  now: number;
  /** Called once the lines are drawn. */
  onReady: (ready: boolean) => void;
}

interface Ink {
  colours: string[];
  width: number;
}

/** The lines, drawn by Chart.js in the box that the server's SVG had. */
export default function ChartCanvas({ lines, scale, now, onReady }: ChartCanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const [ink, setInk] = useState<Ink>();
  const { resolvedTheme } = useTheme();
  const names = lines.map(({ colour }) => colour).join();

  // A canvas knows no CSS variables; they change with the theme.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides what the variables hold.
  useEffect(() => {
    const style = getComputedStyle(box.current!);
    const colours = names.split(",").map((name) => style.getPropertyValue(name));
    setInk({ colours, width: Number(style.getPropertyValue("--chart-width")) || 2 });
  }, [names, resolvedTheme]);
  useEffect(() => {
    if (ink) onReady(true);
  }, [ink, onReady]);

  const data = useMemo(
    () => ({
      datasets: lines.map(({ name, points }, i) => ({
        label: name,
        data: points.map(([ts, value]) => ({
          x: xOf(ts, now),
          y: value === null ? Number.NaN : 1 - yOf(value, scale),
        })),
        borderColor: ink?.colours[i],
        backgroundColor: ink?.colours[i],
        borderWidth: ink?.width ?? 2,
        borderJoinStyle: "round" as const,
        borderCapStyle: "round" as const,
        pointBorderWidth: 0,
        pointRadius: dots(points),
      })),
    }),
    [lines, scale, now, ink],
  );
  return (
    <div ref={box} className="absolute inset-x-0 inset-y-px">
      {ink && <Line data={data} options={OPTIONS} updateMode="none" aria-hidden />}
    </div>
  );
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
