/**
 * What a developer writes who has not thought about cost: each point goes through React's state into a chart of
 * its own. What is easily known to be slow is left out: no animation, no dots, and one format for all times.
 */
import "./hurry";
import "./frames";
import "@fontsource-variable/inter";
import "@/app/globals.css";
import type { ChartOptions } from "chart.js";
import "chart.js/auto";
import { useEffect, useState } from "react";
import { Line } from "react-chartjs-2";
import { createRoot } from "react-dom/client";
import { io } from "socket.io-client";
import { WidgetGrid } from "@/components/cards/card-grid";
import type { Point, SeriesByChannel } from "@/lib/shared/protocol";
import { CHANNELS, HISTORY_MS, INTERVAL_MS, shownValue } from "./channels";

const KEPT = HISTORY_MS / INTERVAL_MS;
const TIME = new Intl.DateTimeFormat("en", { timeStyle: "medium" });
const OPTIONS: ChartOptions<"line"> = {
  animation: false,
  maintainAspectRatio: false,
  elements: { point: { radius: 0 } },
  scales: { x: { type: "linear", ticks: { callback: (at) => TIME.format(Number(at)) } } },
};

const socket = io({ transports: ["websocket"], query: { naive: "1" } });
const history: SeriesByChannel = await (await fetch("/bench/history")).json();

function NaiveChart({ name, title }: { name: string; title: string }) {
  const [points, setPoints] = useState<Point[]>(history[name]!.value!);
  useEffect(() => {
    const add = (point: Point) => setPoints((points) => [...points, point].slice(-KEPT));
    socket.on(name, add);
    return () => {
      socket.off(name, add);
    };
  }, [name]);
  const data = {
    datasets: [{ label: title, data: points.map(([x, y]) => ({ x, y })), borderColor: "#1d5fbf" }],
  };
  return (
    <figure
      data-testid={`chart-${name}`}
      className="flex min-w-0 flex-col gap-1 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <h2 className="truncate font-medium text-sm">
        {title} <b>{shownValue(points.at(-1)![1]!)}</b>
      </h2>
      <div className="relative md:min-h-67">
        <div className="absolute inset-0">
          <Line data={data} options={OPTIONS} />
        </div>
      </div>
    </figure>
  );
}

createRoot(document.getElementById("root")!).render(
  <main className="flex flex-col gap-4 px-4 pt-8 pb-6 md:px-6">
    <WidgetGrid>
      {CHANNELS.map(({ name, title }) => (
        <NaiveChart key={name} name={name} title={title} />
      ))}
    </WidgetGrid>
  </main>,
);
