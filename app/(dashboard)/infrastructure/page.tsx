import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { Gauge } from "@/components/charts/gauge";
import { infrastructure } from "@/lib/channels/infrastructure";
import { LineChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "Infrastructure" };

const { cpu, load, memory, memoryUsed, disk, diskFree, networkIn, networkOut } = infrastructure.metrics;

export default function InfrastructurePage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="Infrastructure" channels={[infrastructure]}>
      <CardGrid>
        <MetricCard metric={cpu} />
        <Gauge metric={disk} />
        <MetricCard metric={memoryUsed} />
        <MetricCard metric={diskFree} />
        <MetricCard metric={networkIn} />
        <MetricCard metric={networkOut} />
      </CardGrid>
      <WidgetGrid>
        <LineChart name="usage" title="Processor, memory and disk in use" metrics={[cpu, memory, disk]} />
        <LineChart
          name="network"
          title="Network"
          metrics={[networkIn, networkOut]}
          labels={["In", "Out"]}
          area
        />
        <LineChart name="load" title="Load" metrics={[load]} />
        <LineChart name="memory" title="Memory used" metrics={[memoryUsed]} />
      </WidgetGrid>
    </DashboardPage>
  );
}
