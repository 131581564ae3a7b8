import "server-only";
import { cookies } from "next/headers";
import { cache } from "react";
import { knownTimeZone, TIME_ZONE_COOKIE } from "@/app/viewer-place";
import { offsetOf } from "@/components/charts/time-axis";
import { getRuntime } from "@/lib/server/runtime-slot";
import {
  ANNOTATIONS,
  annotationChange,
  mergeAnnotations,
  type PageAnnotations,
} from "@/lib/shared/annotations";
import type { MetricRef } from "@/lib/shared/define-channel";
import { FINE, type Grain, type History } from "@/lib/shared/history";
import type { PageSnapshot } from "@/lib/shared/protocol";
import type { FeedItem } from "@/lib/shared/state";
import { compareShift, parseRange, spanAt, type TimeRange, widthOf } from "@/lib/shared/time-range";

/** What a page's charts begin with when it shows more than the readings at hand. */
const AT_HAND_MS = 5 * 60_000;

/** One for each request: the page sets it before its charts are rendered. */
const requested = cache((): { range?: TimeRange; now: number; items: readonly FeedItem[] } => ({
  now: 0,
  items: [],
}));

/** Notes what the request's page shows of the past, and what it was rendered from. */
export function setPageRange(
  query: Readonly<Record<string, string | string[] | undefined>>,
  { now, snapshot }: Pick<PageSnapshot["frame"], "now" | "snapshot">,
): void {
  const one = (name: string) => {
    const value = query[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  const feed = snapshot[ANNOTATIONS];
  const items = feed?.kind === "feed" ? feed.items : [];
  Object.assign(requested(), { range: parseRange({ get: one }), now, items });
}

/** The annotations of the page's time range, for the first paint. Read once for all charts of a page. */
export const readPageAnnotations = cache(async (): Promise<PageAnnotations | undefined> => {
  const { range, now, items } = requested();
  if (!range) return undefined;
  const isAtHand = !range.fixed && widthOf(range) <= AT_HAND_MS;
  const stored = isAtHand
    ? undefined
    : await getRuntime()
        .annotations(spanAt(range, now))
        .catch(() => undefined);
  const annotations = mergeAnnotations(stored?.annotations ?? [], annotationChange(items));
  return { annotations, isWhole: stored !== undefined };
});

/** How far the clock in which the page's times are shown is ahead of UTC, ms; 0 while its zone is not known. */
export async function readClockOffset(): Promise<number> {
  const { range, now } = requested();
  const zone = knownTimeZone((await cookies()).get(TIME_ZONE_COOKIE)?.value);
  return range?.utc || zone === undefined ? 0 : offsetOf(now, zone);
}

/**
 * The past of these metrics in the page's time range, for the first paint (R1). `undefined` when the page's own
 * readings suffice, or the archive has no answer: the browser then asks for itself.
 */
export async function readPageHistory(
  metrics: readonly MetricRef[],
  grainOf: (width: number) => Grain = () => FINE,
): Promise<History[] | undefined> {
  const { range, now } = requested();
  if (!range) return undefined;
  const shift = compareShift(range);
  const { points, lead } = grainOf(widthOf(range));
  if (!range.fixed && shift === undefined && widthOf(range) + lead <= AT_HAND_MS) return undefined;
  // What lies in the future has no past yet.
  const to = Math.min(spanAt(range, now).to, now + 60_000);
  const from = spanAt(range, now).from - lead;
  const spans = [{ from, to }, ...(shift === undefined ? [] : [{ from: from - shift, to: to - shift }])];
  const channels = [...new Set(metrics.map(({ channel }) => channel))];
  const queries = spans.flatMap((span) =>
    channels.map((channel) => ({
      channel,
      metrics: metrics.filter((metric) => metric.channel === channel).map(({ metric }) => metric),
      points,
      ...span,
    })),
  );
  return Promise.all(queries.map((query) => getRuntime().history(query))).catch(() => undefined);
}
