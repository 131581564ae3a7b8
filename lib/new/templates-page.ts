import type { Cell, Channel } from "@/lib/shared/define-channel";
import { ingestExample } from "@/lib/shared/ingest-fields";
import type { Names } from "./names";

/** What a page's texts need to know of its channel. */
export interface Shown {
  kind: Channel["kind"];
  filledBy: Channel["filledBy"];
  /** The names of a record's metrics, and which of them are counters. */
  metrics: readonly string[];
  counters: readonly string[];
  /** What one could send. */
  example: Record<string, Cell>;
  /** The column that names a table's rows. */
  key?: string;
}

/** What `channelFile` defines. */
export const NEW_CHANNEL: Shown = {
  kind: "record",
  filledBy: "ingest",
  metrics: ["current", "total"],
  counters: ["total"],
  example: { current: 12 },
};

export function shownOf(channel: Channel): Shown {
  const { kind, filledBy } = channel;
  const metrics = channel.kind === "record" ? Object.values(channel.metrics) : [];
  return {
    ...{ kind, filledBy, metrics: metrics.map(({ metric }) => metric) },
    counters: metrics.filter(({ type }) => type === "counter").map(({ metric }) => metric),
    example: ingestExample(channel),
    ...(channel.kind === "table" && { key: channel.table.key }),
  };
}

/** A page's first row has room for so many cards. */
const CARDS = 4;

/** A page that shows a channel: a record as cards and charts, a table or a feed as a table. */
export function pageFile(names: Names, shown: Shown): string {
  const { name, identifier, title, component } = names;
  const widgets = shown.kind === "record" ? recordWidgets(names, shown) : tableWidget(names, shown);
  return `import type { Metadata } from "next";
${widgets.imports.sort((a, b) => (pathIn(a) < pathIn(b) ? -1 : 1)).join("\n")}
import { ${identifier} } from "@/lib/channels/${name}";
${widgets.charts.length > 0 ? `import { ${widgets.charts.join(", ")} } from "../charts";\n` : ""}import { DashboardPage, type PageProps } from "../dashboard-page";

export const metadata: Metadata = { title: "${title}" };

export default function ${component}Page({ searchParams }: PageProps) {
  return (
    <DashboardPage searchParams={searchParams} title="${title}" channels={[${identifier}]}>
${widgets.text}
    </DashboardPage>
  );
}
`;
}

const pathIn = (line: string) => /"(.*)"/.exec(line)![1]!;

interface Widgets {
  imports: string[];
  /** What is imported from `../charts`. */
  charts: string[];
  text: string;
}

const WAITING = `import { WaitingFor } from "@/components/cards/waiting-for";`;

function waitingFor({ identifier }: Names, what: string, example: Shown["example"]): string {
  return `<WaitingFor what="${what}" channel={${identifier}.name} example={${JSON.stringify(example)}} />`;
}

function recordWidgets(names: Names, { metrics, counters, filledBy, example }: Shown): Widgets {
  const of = (metric: string) => `${names.identifier}.metrics.${metric}`;
  const level = metrics.find((metric) => !counters.includes(metric));
  const [counter] = counters;
  const posted = filledBy === "ingest";
  const empty = posted ? ` empty={${waitingFor(names, "its numbers", example)}}` : "";
  const charts = [
    ...(level
      ? [`<LineChart name="${level}" title={${of(level)}.title} metrics={[${of(level)}]}${empty} />`]
      : []),
    ...(counter
      ? [`<BarChart name="${counter}" title="New ones" metrics={[${of(counter)}]}${level ? "" : empty} />`]
      : []),
  ];
  return {
    imports: [
      `import { CardGrid, WidgetGrid } from "@/components/cards/card-grid";`,
      `import { MetricCard } from "@/components/cards/metric-card";`,
      ...(posted ? [WAITING] : []),
    ],
    charts: [...(counter ? ["BarChart"] : []), ...(level ? ["LineChart"] : [])],
    text: `      <CardGrid>
${metrics
  .slice(0, CARDS)
  .map((metric) => `        <MetricCard metric={${of(metric)}} />`)
  .join("\n")}
      </CardGrid>
      <WidgetGrid>
${charts.map((chart) => `        ${chart}`).join("\n")}
      </WidgetGrid>`,
  };
}

function tableWidget(names: Names, { kind, filledBy, example }: Shown): Widgets {
  const posted = filledBy === "ingest";
  const [widget, prop, file] =
    kind === "feed"
      ? (["FeedTable", "feed", "feed-table"] as const)
      : (["LiveTable", "table", "live-table"] as const);
  const empty = posted
    ? waitingFor(names, kind === "feed" ? "the first one" : "the first row", example)
    : `<EmptyNote title="Nothing yet" text="It comes with the source's first answer." />`;
  return {
    imports: [
      posted ? WAITING : `import { EmptyNote } from "@/components/tables/empty-note";`,
      `import { ${widget} } from "@/components/tables/${file}";`,
    ],
    charts: [],
    text: `      <${widget} ${prop}={${names.identifier}.${prop}} empty={${empty}} />`,
  };
}
