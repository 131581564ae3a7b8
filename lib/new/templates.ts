import type { Names } from "./names";

/** A channel of two figures, which producers post. */
export function channelFile({ name, identifier, title }: Names, filledBy: "ingest" | "source"): string {
  const how =
    filledBy === "ingest" ? `posted to \`/api/ingest/${name}\`` : `fetched by \`${name}.source.ts\``;
  return `import { defineChannel } from "@/lib/shared/define-channel";

/** ${title}: ${how}. */
export const ${identifier} = defineChannel({
  kind: "record",
  name: "${name}",
  title: "${title}",
  // How often news is expected, and how old it may be before the page calls it late, ms.
  cadence: 10_000,
  maxAge: 60_000,
  filledBy: "${filledBy}",
  metrics: {
    current: {
      title: "Current",
      unit: "count",
      min: 0,
      about: "How many there are now.",
    },
    total: {
      title: "Total today",
      unit: "count",
      type: "counter",
      good: "up",
      min: 0,
      about: "How many there have been since midnight.",
    },
  },
});
`;
}

/** A page with the channel's figures as cards and charts. */
export function pageFile({ name, identifier, title, component }: Names): string {
  return `import type { Metadata } from "next";
import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";
import { MetricCard } from "@/components/cards/metric-card";
import { WaitingFor } from "@/components/cards/waiting-for";
import { ${identifier} } from "@/lib/channels/${name}";
import { BarChart, LineChart } from "../charts";
import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "${title}" };

const { current, total } = ${identifier}.metrics;

export default function ${component}Page({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="${title}" channels={[${identifier}]}>
      <CardGrid>
        <MetricCard metric={current} />
        <MetricCard metric={total} />
      </CardGrid>
      <WidgetGrid>
        <LineChart
          name="current"
          title="Current"
          metrics={[current]}
          empty={<WaitingFor what="its numbers" channel={${identifier}.name} example={{ current: 12 }} />}
        />
        <BarChart name="total" title="New ones" metrics={[total]} />
      </WidgetGrid>
    </DashboardPage>
  );
}
`;
}

/** What QA would ask of the page: that it is live, and that a broken network makes it neither lie nor miss anything. */
export function testFile({ name, title }: Names): string {
  return `import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectStale, metric } from "@/tests/support/page-state";

test("[R1] ${title} shows what was posted, and what is posted while somebody looks", async ({ page, publish }) => {
  await publish("${name}", { current: 12, total: 100 });
  await page.goto("/${name}");
  await expect(metric(page, "${name}-current")).toHaveAttribute("data-value", "12");
  await expectLive(page);
  await publish("${name}", { current: 13 });
  await expect(metric(page, "${name}-current")).toHaveAttribute("data-value", "13");
  await expect(metric(page, "${name}-total")).toHaveAttribute("data-value", "100");
});

test("[C1][C8] ${title} says so when the network is cut, and has everything afterwards", async ({
  page,
  publish,
  network,
}) => {
  await publish("${name}", { current: 1 });
  await page.goto("/${name}");
  await expectLive(page);
  network.set({ network: "cut" });
  await expectStale(page);
  await publish("${name}", { current: 2 });
  // What was last known stays, marked as that.
  await expect(metric(page, "${name}-current")).toHaveAttribute("data-value", "1");
  network.set({ network: "pass" });
  await expectLive(page);
  await expect(metric(page, "${name}-current")).toHaveAttribute("data-value", "2");
});
`;
}

/** A source that fills the channel from a database. */
export function sourceFile({ name, identifier }: Names): string {
  const variable = `${name.replaceAll("-", "_").toUpperCase()}_DATABASE_URL`;
  return `import { declareSource } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";
import { ${identifier} } from "./${name}";

/** Off until ${variable} is set. Other kinds of sources: docs/sources.md. */
export const ${identifier}Source = declareSource(${identifier}, {
  kind: "postgres",
  url: env("${variable}"),
  sql: "SELECT count(*) AS current, count(*) AS total FROM ${name.replaceAll("-", "_")}",
});
`;
}
