import type { Metadata } from "next";
import { CardGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { ConnectionTable } from "@/components/ops/connection-table";
import { NodeTable } from "@/components/ops/node-table";
import { cluster } from "@/lib/channels/cluster";
import { connections } from "@/lib/channels/connections";
import { nodes } from "@/lib/channels/nodes";
import { DashboardPage, type PageProps } from "../../dashboard-page";

export const metadata: Metadata = { title: "Connections" };

const { viewers, worstLag, worstLoopDelay } = cluster.metrics;

export default function ConnectionsPage({ searchParams }: PageProps) {
  return (
    <DashboardPage
      searchParams={searchParams}
      title="Connections"
      timeless
      channels={[cluster, nodes, connections]}
    >
      <CardGrid>
        <MetricCard metric={cluster.metrics.nodes} />
        <MetricCard metric={viewers} />
        <MetricCard metric={worstLag} />
        <MetricCard metric={worstLoopDelay} />
      </CardGrid>
      <NodeTable nodes={nodes.table} />
      <ConnectionTable connections={connections.table} nodes={nodes.table} />
    </DashboardPage>
  );
}
