"use client";

import { type ReactNode, useMemo } from "react";
import { useSteadyState } from "@/components/live/steady-state";
import type { FeedRef } from "@/lib/shared/define-channel";
import type { FeedItem } from "@/lib/shared/state";
import { DataTable } from "./data-table";
import { rowsOfFeed, shapeOfFeed } from "./table-shape";

const NO_ITEMS: FeedItem[] = [];

interface FeedTableProps<F extends string> {
  feed: FeedRef<F>;
  /** The fields that are shown on a phone beside the time; all by default. Constant. */
  phoneFields?: readonly NoInfer<F>[];
  empty: ReactNode;
}

/** A feed's items, newest first. */
export function FeedTable<F extends string>({ feed, phoneFields, empty }: FeedTableProps<F>) {
  const state = useSteadyState(feed.channel);
  const { items, count } = state?.kind === "feed" ? state : { items: NO_ITEMS, count: 0 };
  const shape = useMemo(() => shapeOfFeed(feed, phoneFields), [feed, phoneFields]);
  const rows = useMemo(() => rowsOfFeed(items), [items]);
  return <DataTable source={feed} shape={shape} rows={rows} count={count} empty={empty} />;
}
