"use client";

import { memo } from "react";
import { AsOf, FreshnessNote, isOld } from "@/components/cards/freshness-note";
import { WaitingFor } from "@/components/cards/waiting-for";
import { useFeed, useFreshness, useLocale } from "@/components/live/hooks";
import { useSteady } from "@/components/ui/use-steady";
import type { FeedRef, Row } from "@/lib/shared/define-channel";
import { formatTime, formatValue } from "@/lib/shared/format";
import type { FeedItem } from "@/lib/shared/state";
import { cellText } from "./cell-text";

interface FeedListProps<F extends string> {
  feed: FeedRef<F>;
  /** The field that names an item. */
  main: NoInfer<F>;
  /** Fields in smaller type below it. */
  details: readonly NoInfer<F>[];
  /** The number at the right. */
  amount?: NoInfer<F>;
  /** How many of the newest items are shown. */
  limit: number;
  /** "the first order" */
  waitingFor: string;
  /** An item that one could send. */
  example: Row;
}

/** The newest items of a feed, newest first. */
export function FeedList<F extends string>(props: FeedListProps<F>) {
  const { feed, main, details, amount, limit, waitingFor, example } = props;
  const { items, count } = useSteady(useFeed<string>(feed));
  const { freshness } = useFreshness(feed.channel, feed.maxAge);
  const { locale } = useLocale();
  const shown = items.slice(-limit).reverse();
  return (
    <section
      data-testid={`feed-${feed.channel}`}
      data-count={count}
      data-freshness={freshness}
      aria-label={feed.title}
      className="flex min-w-0 flex-col rounded-card border border-line bg-surface"
    >
      <div className="flex h-12 items-center justify-between gap-x-4 px-4">
        <h2 className="font-medium">{feed.title}</h2>
        <div className="flex min-w-0 items-center gap-2 whitespace-nowrap text-soft text-xs tabular-nums">
          {isOld(freshness) ? (
            <span className="truncate max-sm:hidden">
              <AsOf of={feed} />
            </span>
          ) : (
            count > 0 && (
              <span suppressHydrationWarning>
                {formatValue(count, { unit: "count" }, locale).exact} so far
              </span>
            )
          )}
          <FreshnessNote of={feed} brief />
        </div>
      </div>
      {shown.length === 0 ? (
        <div className="border-line border-t p-4">
          <WaitingFor what={waitingFor} channel={feed.channel} example={example} />
        </div>
      ) : (
        <ul>
          {shown.map((item) => (
            <Item key={item.key} item={item} feed={feed} main={main} details={details} amount={amount} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ItemProps {
  item: FeedItem;
  feed: FeedRef;
  main: string;
  details: readonly string[];
  amount?: string;
}

const Item = memo(function Item({ item: { key, ts, item }, feed, main, details, amount }: ItemProps) {
  const place = useLocale();
  const text = (field: string) => cellText(item[field], feed.fields[field]!, place);
  const small = details.map(text).filter((detail) => detail !== "–");
  return (
    <li data-key={key} className="flex items-center gap-4 border-line border-t px-4 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate" suppressHydrationWarning>
          {text(main)}
        </p>
        <p className="truncate text-soft text-xs" suppressHydrationWarning>
          {small.join(" · ")}
        </p>
      </div>
      <div className="shrink-0 text-right tabular-nums">
        {amount && (
          <p className="font-medium" suppressHydrationWarning>
            {text(amount)}
          </p>
        )}
        <p className="text-soft text-xs" suppressHydrationWarning>
          {formatTime(ts, place)}
        </p>
      </div>
    </li>
  );
});
