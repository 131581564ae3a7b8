import type { ReactNode } from "react";
import { readPage } from "@/app/_server/live";
import { setPageRange } from "@/app/_server/page-range";
import type { ChannelSummary } from "@/components/live/connection-indicator";
import { LivePage, type LivePageProps } from "@/components/live/live-page";
import { NoticeToasts } from "@/components/notifications/notice-toasts";
import { kioskPlan } from "@/components/shell/kiosk-pages";
import { SnapshotNote } from "@/components/shell/snapshot-note";
import { ThemeSwitch } from "@/components/shell/theme-switch";
import { TopBar } from "@/components/shell/top-bar";
import { RangeZone } from "@/components/time/range-zone";
import { annotations } from "@/lib/channels/annotations";
import { notices } from "@/lib/channels/notices";
import type { Channel } from "@/lib/shared/define-channel";

/** What Next gives a page. */
export interface PageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

interface DashboardPageProps extends PageProps, Pick<LivePageProps, "transport"> {
  title: string;
  /** What the widgets of this page read; the notices and annotations come by themselves. */
  channels: readonly Channel[];
  /** The page has no charts, so no time range. */
  timeless?: boolean;
  children: ReactNode;
}

/** A live page: all its widgets start from one snapshot at one cursor, under the bar with title and state. */
export async function DashboardPage(props: DashboardPageProps) {
  const { title, channels, transport, timeless = false, children } = props;
  // They are drawn on charts.
  const added = timeless ? [notices] : [notices, annotations];
  const [page, query] = await Promise.all([readPage([...channels, ...added]), props.searchParams]);
  setPageRange(query, page.frame);
  const summaries = channels.map(({ name, title, maxAge }): ChannelSummary => ({ name, title, maxAge }));
  const one = (name: string) => [query[name]].flat()[0];
  const kiosk = kioskPlan(one("kiosk"), one("every"));
  const cadence = Math.min(...channels.map((channel) => channel.cadence));
  return (
    <LivePage page={page} transport={transport} cadence={cadence}>
      <RangeZone>
        <TopBar title={title} channels={summaries} notices={notices.feed} timeless={timeless} kiosk={kiosk} />
        <main id="content" className="flex flex-col gap-4 px-4 pt-8 pb-6 md:px-6">
          <SnapshotNote at={page.frame.now} />
          {children}
        </main>
      </RangeZone>
      <footer className="flex justify-center pb-4 sm:hidden kiosk:hidden">
        <ThemeSwitch className="needs-script flex" />
      </footer>
      <NoticeToasts feed={notices.feed} />
    </LivePage>
  );
}
