"use client";

import { useEffect, useRef, useState } from "react";
import { useFeed } from "@/components/live/hooks";
import { useLazy } from "@/components/ui/use-lazy";
import type { FeedRef } from "@/lib/shared/define-channel";
import type { FeedItem } from "@/lib/shared/state";
import { noticesAfter } from "./notice-look";

export interface ToasterProps {
  /** What came since the page was opened, oldest first; never empty. */
  fresh: readonly FeedItem[];
}

const loadToaster = () => import("./toaster");

/** Tells of notices that come while the page is open. The code for it comes with the first of them. */
export function NoticeToasts({ feed }: { feed: FeedRef }) {
  const { items } = useFeed(feed);
  const newest = items.at(-1)?.key;
  // What is there at the start is old news, which the bell counts.
  const told = useRef(newest);
  const [fresh, setFresh] = useState<readonly FeedItem[]>([]);
  useEffect(() => {
    if (newest === told.current) return;
    setFresh(noticesAfter(items, told.current));
    told.current = newest;
  }, [items, newest]);
  const wanted = fresh.length > 0;
  // Until it is there, the bell counts them.
  const Toaster = useLazy(loadToaster, wanted);
  return Toaster && wanted ? <Toaster fresh={fresh} /> : null;
}
