import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { WaitingFor } from "@/components/cards/waiting-for";
import { CategoryChart } from "@/components/charts/category-chart";
import { FeedTable } from "@/components/tables/feed-table";
import { business } from "@/lib/channels/business";
import { orders as orderFeed } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { BarChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";
import { ORDER_EXAMPLE, RegionTable, RevenueChart, WaitingForRegions } from "../shop-widgets";

export const metadata: Metadata = { title: "Business" };

/** Beside the time. */
const ORDER_PHONE_FIELDS = ["item", "amount"] as const;

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
        <RegionTable />
      </WidgetGrid>
      <FeedTable
        feed={orderFeed.feed}
        phoneFields={ORDER_PHONE_FIELDS}
        empty={<WaitingFor what="the first order" channel={orderFeed.name} example={ORDER_EXAMPLE} />}
      />
    </DashboardPage>
  );
}
