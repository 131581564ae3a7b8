import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { CategoryChart } from "@/components/charts/category-chart";
import { business } from "@/lib/channels/business";
import { orders as orderFeed } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { BarChart } from "../bar-chart";
import { DashboardPage, type PageProps } from "../dashboard-page";
import { OrderList, RegionTable, RevenueChart, WaitingForRegions } from "../shop-widgets";

export const metadata: Metadata = { title: "Business" };

const { orders, revenue, newUsers, conversion } = business.metrics;

export default function BusinessPage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="Business" channels={[business, orderFeed, regions]}>
      <CardGrid>
        <MetricCard metric={revenue} />
        <MetricCard metric={orders} />
        <MetricCard metric={newUsers} />
        <MetricCard metric={conversion} />
      </CardGrid>
      <WidgetGrid>
        <RevenueChart />
        <BarChart
          name="orders"
          title="Orders and new users"
          metrics={[orders, newUsers]}
          labels={["Orders", "New users"]}
        />
        <CategoryChart
          name="regions"
          title="Revenue by region"
          table={regions.table}
          column="revenue"
          empty={<WaitingForRegions />}
        />
        <div className="xl:row-span-2">
          <OrderList />
        </div>
        <RegionTable />
      </WidgetGrid>
    </DashboardPage>
  );
}
