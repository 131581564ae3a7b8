import { CircleSlash } from "lucide-react";
import { MetricCard } from "@/components/cards/metric-card";
import { WaitingFor } from "@/components/cards/waiting-for";
import { CategoryChart } from "@/components/charts/category-chart";
import { Gauge } from "@/components/charts/gauge";
import { EmptyNote } from "@/components/tables/empty-note";
import { FeedList } from "@/components/tables/feed-list";
import { FeedTable } from "@/components/tables/feed-table";
import { LiveTable } from "@/components/tables/live-table";
import { type Pick, widgetId } from "@/lib/shared/boards/board";
import { type Found, listLook } from "@/lib/shared/boards/catalogue";
import type { Channel } from "@/lib/shared/define-channel";
import { ingestExample } from "@/lib/shared/ingest-fields";
import { BarChart, LineChart, StackedChart } from "../charts";

/** So many items fill a list as it is added. */
const LIST_ITEMS = 8;

/** One widget of a board, as the pages have them too. */
export function BoardWidget({ pick, found }: { pick: Pick; found: Found | undefined }) {
  if (!found) return <Missing pick={pick} />;
  const { title } = found;
  const name = widgetId(pick).replaceAll(".", "-");
  switch (found.kind) {
    case "card":
      return <MetricCard metric={{ ...found.metric, title }} />;
    case "gauge":
      return <Gauge metric={{ ...found.metric, title }} />;
    case "line":
    case "area":
      return <LineChart {...{ name, title }} metrics={found.metrics} area={found.kind === "area"} />;
    case "stacked":
      return <StackedChart {...{ name, title }} metrics={found.metrics} />;
    case "bar":
      return <BarChart {...{ name, title }} metrics={found.metrics} />;
    case "category":
      return <CategoryChart {...{ name, title }} table={found.table} column={found.column} />;
    case "list":
      return (
        <FeedList
          feed={{ ...found.feed, title }}
          {...listLook(found.feed)}
          limit={LIST_ITEMS}
          waitingFor="the first one"
          example={ingestExample(found.channel)}
        />
      );
    case "table":
      return "table" in found ? (
        <LiveTable table={{ ...found.table, title }} empty={<Waiting channel={found.channel} />} />
      ) : (
        <FeedTable feed={{ ...found.feed, title }} empty={<Waiting channel={found.channel} />} />
      );
  }
}

function Waiting({ channel }: { channel: Channel }) {
  if (channel.filledBy === "source")
    return <EmptyNote title="Nothing yet" text="It appears here as soon as there is something." />;
  return <WaitingFor what="the first one" channel={channel.name} example={ingestExample(channel)} />;
}

/** What a board asks for and this deployment does not have: an old link, a channel that was taken away. */
function Missing({ pick }: { pick: Pick }) {
  return (
    <section
      data-testid="widget-missing"
      className="flex min-w-0 flex-col justify-center gap-1 overflow-hidden rounded-card border border-line-strong border-dashed p-4 text-soft"
    >
      <h2 className="flex items-center gap-2 font-medium text-ink">
        <CircleSlash aria-hidden className="size-4 shrink-0 text-soft" />
        Not here any more
      </h2>
      <p className="wrap-anywhere">
        This board asks for {pick.title ?? [pick.channel, ...pick.of].join(" ")}, which this Nowboard does not
        have. The rest is not affected.
      </p>
    </section>
  );
}
