"use client";

import { type ComponentType, useEffect, useRef, useState } from "react";
import { useFeed } from "@/components/live/hooks";
import type { FeedRef } from "@/lib/shared/define-channel";
import type { FeedItem } from "@/lib/shared/state";
import { noticesAfter } from "./notice-look";

export interface ToasterProps {
  /** What came since the page was opened, oldest first; never empty. */
  fresh: readonly FeedItem[];
}

/** Tells of notices that come while the page is open. The code for it comes with the first of them. */
export function NoticeToasts({ feed }: { feed: FeedRef }) {
  const { items } = useFeed(feed);
  const newest = items.at(-1)?.key;
  // What is there at the start is old news, which the bell counts.
  const told = useRef(newest);
  const [fresh, setFresh] = useState<readonly FeedItem[]>([]);
  const [Toaster, setToaster] = useState<ComponentType<ToasterProps>>();
  useEffect(() => {
    if (newest === told.current) return;
    setFresh(noticesAfter(items, told.current));
    told.current = newest;
  }, [items, newest]);
  const wanted = fresh.length > 0;
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    import("./toaster").then(
      (module) => !gone && setToaster(() => module.default),
      // The bell still counts them.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [wanted]);
  return Toaster && wanted ? <Toaster fresh={fresh} /> : null;
}
