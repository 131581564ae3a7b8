import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { WaitingCard } from "@/components/cards/waiting-for";
import { LineChart } from "@/components/charts/line-chart";
import { business } from "@/lib/channels/business";
import { orders as orderFeed } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { DashboardPage } from "../dashboard-page";
import { BUSINESS_EXAMPLE, OrderList, RegionTable } from "../shop-widgets";

export const metadata: Metadata = { title: "Business" };

const { orders, revenue, newUsers, conversion } = business.metrics;

export default function BusinessPage() {
  return (
    <DashboardPage title="Business" channels={[business, orderFeed, regions]}>
      <WaitingCard of={revenue} what="the first figures of today" example={BUSINESS_EXAMPLE} />
      <CardGrid>
        <MetricCard metric={revenue} />
        <MetricCard metric={orders} />
        <MetricCard metric={newUsers} />
        <MetricCard metric={conversion} />
      </CardGrid>
      <WidgetGrid>
        <LineChart name="revenue" title="Revenue today" metrics={[revenue]} />
        <LineChart name="orders" title="Orders and new users today" metrics={[orders, newUsers]} />
        <RegionTable />
        <OrderList />
      </WidgetGrid>
    </DashboardPage>
  );
}
