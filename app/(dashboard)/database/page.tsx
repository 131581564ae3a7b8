import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { database } from "@/lib/channels/database";
import { LineChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "Database" };

const { connections, queries, slowQueries, cacheHits, size, entries } = database.metrics;

export default function DatabasePage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="Database" channels={[database]}>
      <CardGrid>
        <MetricCard metric={queries} />
        <MetricCard metric={slowQueries} />
        <MetricCard metric={cacheHits} />
        <MetricCard metric={connections} />
        <MetricCard metric={size} />
        <MetricCard metric={entries} />
      </CardGrid>
      <WidgetGrid>
        <LineChart name="queries" title="Queries" metrics={[queries]} />
        <LineChart name="slow-queries" title="Slow queries" metrics={[slowQueries]} />
        <LineChart name="cache-hits" title="Cache hit ratio" metrics={[cacheHits]} />
        <LineChart name="size" title="Size on disk" metrics={[size]} />
      </WidgetGrid>
    </DashboardPage>
  );
}
