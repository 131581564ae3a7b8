"use client";

import { useFeed, useLocale } from "@/components/live/hooks";
import { Panel } from "@/components/ui/panel";
import type { PanelProps } from "@/components/ui/panel-button";
import type { FeedRef } from "@/lib/shared/define-channel";
import { formatTime } from "@/lib/shared/format";
import { noticeLook, noticeTexts } from "./notice-look";

/** The latest notices, newest first. */
export default function NoticePanel({ feed, ...panel }: PanelProps & { feed: FeedRef }) {
  return (
    <Panel {...panel} title={feed.title}>
      <Notices feed={feed} />
    </Panel>
  );
}

function Notices({ feed }: { feed: FeedRef }) {
  const { items } = useFeed(feed);
  const place = useLocale();
  if (items.length === 0)
    return <p className="text-soft">Nothing to tell yet. Notices appear here as they come.</p>;
  return (
    <ul data-testid={`feed-${feed.channel}`} className="-mx-4 -mb-4">
      {items.toReversed().map((notice) => {
        const { word, icon: Icon, colour } = noticeLook(notice.item.level);
        const { title, text } = noticeTexts(notice);
        return (
          <li key={notice.key} data-key={notice.key} className="flex gap-3 border-line border-t px-4 py-3">
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${colour}`} />
            <div className="min-w-0 flex-1">
              <p className="break-words font-medium">{title}</p>
              {text && <p className="break-words text-soft">{text}</p>}
              <p className="text-soft text-xs tabular-nums">
                {word} · {formatTime(notice.ts, place, Date.now())}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
