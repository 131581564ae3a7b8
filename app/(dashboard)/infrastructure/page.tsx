import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { Gauge } from "@/components/charts/gauge";
import { EmptyNote } from "@/components/tables/empty-note";
import { LiveTable } from "@/components/tables/live-table";
import { cores } from "@/lib/channels/host-cores";
import { disks } from "@/lib/channels/host-disks";
import { interfaces } from "@/lib/channels/host-interfaces";
import { infrastructure } from "@/lib/channels/infrastructure";
import { LineChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "Infrastructure" };

const { cpu, load, memory, memoryUsed, disk, diskFree, networkIn, networkOut } = infrastructure.metrics;

const CHANNELS = [infrastructure, cores, disks, interfaces];
const DISK_COLUMNS = ["mount", "use", "used", "free", "size", "files", "type", "device"] as const;
const DISK_PHONE_COLUMNS = ["mount", "use", "free", "size"] as const;
const INTERFACE_PHONE_COLUMNS = ["interface", "in", "out", "errors"] as const;

export default function InfrastructurePage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="Infrastructure" channels={CHANNELS}>
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
      <LiveTable
        table={disks.table}
        columns={DISK_COLUMNS}
        phoneColumns={DISK_PHONE_COLUMNS}
        empty={<EmptyNote title="No disks yet" text="They are read every ten seconds." />}
      />
      <WidgetGrid>
        <LiveTable
          table={interfaces.table}
          phoneColumns={INTERFACE_PHONE_COLUMNS}
          vitals
          empty={
            <EmptyNote
              title="No network interfaces yet"
              text="They are read every two seconds. The loopback and what stays within this machine are left out."
            />
          }
        />
        <LiveTable
          table={cores.table}
          vitals
          empty={<EmptyNote title="No processor cores yet" text="They are read every two seconds." />}
        />
      </WidgetGrid>
    </DashboardPage>
  );
}
