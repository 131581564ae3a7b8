import { WaitingFor } from "@/components/cards/waiting-for";
import { FeedList } from "@/components/tables/feed-list";
import { LiveTable } from "@/components/tables/live-table";
import { business } from "@/lib/channels/business";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { LineChart } from "./charts";

/** What one could send to try the pages. */
const BUSINESS_EXAMPLE = { orders: 12, revenue: 1840, newUsers: 5, conversion: 2.4 };
export const ORDER_EXAMPLE = {
  order: "A-1001",
  customer: "Ada",
  region: "North",
  item: "Desk lamp",
  quantity: 1,
  amount: 49.9,
};
const REGION_EXAMPLE = { region: "North", orders: 12, revenue: 1840, change: 4.2 };

export function RevenueChart() {
  return (
    <LineChart
      name="revenue"
      title="Revenue today"
      metrics={[business.metrics.revenue]}
      fit
      empty={
        <WaitingFor what="the first figures of today" channel={business.name} example={BUSINESS_EXAMPLE} />
      }
    />
  );
}

/** The newest orders as a list, for a page of many things. */
export function OrderList() {
  return (
    <FeedList
      feed={orders.feed}
      main="item"
      details={["customer", "region", "order"]}
      amount="amount"
      limit={6}
      waitingFor="the first order"
      example={ORDER_EXAMPLE}
    />
  );
}

export function WaitingForRegions() {
  return <WaitingFor what="the first region" channel={regions.name} example={REGION_EXAMPLE} />;
}

export function RegionTable() {
  return <LiveTable table={regions.table} empty={<WaitingForRegions />} />;
}
