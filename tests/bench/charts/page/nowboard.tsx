/** The product's own widgets, from the same snapshot that a server-rendered page carries. */
import "./hurry";
import "./frames";
import "@fontsource-variable/inter";
import "@/app/globals.css";
import { ThemeProvider } from "next-themes";
import { createRoot } from "react-dom/client";
import { WidgetGrid } from "@/components/cards/card-grid";
import { LineChart } from "@/components/charts/line-chart";
import { LivePage } from "@/components/live/live-page";
import { LiveProvider } from "@/components/live/live-provider";
import type { PageSnapshot } from "@/lib/shared/protocol";
import { CHANNELS, INTERVAL_MS } from "./channels";

const page: PageSnapshot = await (await fetch("/bench/page")).json();

createRoot(document.getElementById("root")!).render(
  <ThemeProvider attribute="class" disableTransitionOnChange>
    <LiveProvider locale="en">
      <LivePage page={page} cadence={INTERVAL_MS}>
        <main className="flex flex-col gap-4 px-4 pt-8 pb-6 md:px-6">
          <WidgetGrid>
            {CHANNELS.map(({ name, title, metrics }) => (
              <LineChart key={name} name={name} title={title} metrics={[metrics.value]} />
            ))}
          </WidgetGrid>
        </main>
      </LivePage>
    </LiveProvider>
  </ThemeProvider>,
);
