import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { api } from "@/lib/channels/api";
import { RESPONSE_BANDS, RESPONSE_EDGES } from "@/lib/channels/response-bands";
import { HeatChart, LineChart, StackedChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "API" };

const { requests, average, p95, p99, errorRate, viewers } = api.metrics;
const { viewersSocket, viewersSse, viewersLongPoll, viewersPoll } = api.metrics;

const RESPONSE_TIMES = [
  ...["under 5 ms", "5–10 ms", "10–25 ms", "25–50 ms", "50–100 ms"],
  ...["100–250 ms", "250–500 ms", "500 ms–1 s", "over 1 s"],
].map((name, i) => ({ name, metric: api.metrics[RESPONSE_BANDS[i]!], edge: RESPONSE_EDGES[i] }));

export default function ApiPage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="API" channels={[api]}>
      <CardGrid>
        <MetricCard metric={requests} />
        <MetricCard metric={average} />
        <MetricCard metric={p95} />
        <MetricCard metric={p99} />
        <MetricCard metric={errorRate} />
        <MetricCard metric={viewers} />
      </CardGrid>
      <WidgetGrid>
        <LineChart name="requests" title="Requests" metrics={[requests]} />
        <LineChart
          name="response"
          title="Response time"
          metrics={[average, p95, p99]}
          labels={["Mean", "p95", "p99"]}
        />
        <div className="xl:col-span-2">
          <HeatChart
            name="response-times"
            title="Requests by response time"
            bands={RESPONSE_TIMES}
            edgeFormat={{ unit: "milliseconds" }}
          />
        </div>
        <LineChart name="errors" title="Error rate" metrics={[errorRate]} />
        <StackedChart
          name="viewers"
          title="Active viewers by transport"
          metrics={[viewersSocket, viewersSse, viewersLongPoll, viewersPoll]}
          labels={["WebSocket", "SSE", "Long-poll", "Polling"]}
        />
      </WidgetGrid>
    </DashboardPage>
  );
}
