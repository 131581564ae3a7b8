import type { Metadata } from "next";
import { SourceSummary } from "@/components/ops/source-summary";
import { SourceTable } from "@/components/ops/source-table";
import { sources } from "@/lib/channels/sources";
import { DashboardPage, type PageProps } from "../../dashboard-page";

export const metadata: Metadata = { title: "Sources" };

export default function SourcesPage({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="Sources" timeless channels={[sources]}>
      <SourceSummary sources={sources.table} />
      <SourceTable sources={sources.table} />
    </DashboardPage>
  );
}
