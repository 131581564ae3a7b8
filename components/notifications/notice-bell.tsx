"use client";

import { Bell } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection, useFeed } from "@/components/live/hooks";
import { PanelButton } from "@/components/ui/panel-button";
import type { FeedRef } from "@/lib/shared/define-channel";
import { noticesAfter } from "./notice-look";

const READ_KEY = "nowboard-notices-read";
const loadPanel = () => import("./notice-panel");

/** The way to the latest notices, with how many are new since it was last opened. */
export function NoticeBell({ feed }: { feed: FeedRef }) {
  const { items } = useFeed(feed);
  const { status } = useConnection();
  const newest = items.at(-1)?.key;
  // The mark lies in the browser, so nothing counts as new until it is known.
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => setRead(localStorage.getItem(READ_KEY) ?? ""), []);
  const unread = read === null ? 0 : noticesAfter(items, read).length;
  const markRead = () => {
    if (!newest) return;
    localStorage.setItem(READ_KEY, newest);
    setRead(newest);
  };
  return (
    <PanelButton
      load={loadPanel}
      mayLoad={status === "live"}
      panel={{ feed }}
      onOpen={markRead}
      data-testid="bell"
      data-unread={unread}
      className="needs-script text-soft hover:text-ink"
    >
      <Bell aria-hidden className="size-[18px]" strokeWidth={1.75} />
      <span className="max-lg:sr-only">Notices</span>
      <span
        className={`min-w-5 rounded-full bg-accent px-1.5 text-center font-medium text-surface text-xs leading-5 tabular-nums ${unread === 0 ? "invisible" : ""}`}
      >
        {unread}
        <span className="sr-only"> new</span>
      </span>
    </PanelButton>
  );
}
