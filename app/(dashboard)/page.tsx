import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { api } from "@/lib/channels/api";
import { business } from "@/lib/channels/business";
import { database } from "@/lib/channels/database";
import { infrastructure } from "@/lib/channels/infrastructure";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { LineChart } from "./charts";
import { DashboardPage, type PageProps } from "./dashboard-page";
import { OrderList, RegionTable, RevenueChart } from "./shop-widgets";

export const metadata: Metadata = { title: "Overview" };

export default function OverviewPage({ searchParams }: PageProps) {
  return (
    <DashboardPage
      searchParams={searchParams}
      title="Overview"
      channels={[business, orders, regions, api, database, infrastructure]}
    >
      <CardGrid>
        <MetricCard metric={business.metrics.revenue} />
        <MetricCard metric={business.metrics.orders} />
        <MetricCard metric={api.metrics.viewers} />
        <MetricCard metric={api.metrics.p95} />
        <MetricCard metric={database.metrics.queries} />
        <MetricCard metric={infrastructure.metrics.cpu} />
      </CardGrid>
      <WidgetGrid>
        <RevenueChart />
        <LineChart
          name="usage"
          title="Processor and memory in use"
          metrics={[infrastructure.metrics.cpu, infrastructure.metrics.memory]}
        />
        <RegionTable />
        <OrderList />
      </WidgetGrid>
    </DashboardPage>
  );
}
