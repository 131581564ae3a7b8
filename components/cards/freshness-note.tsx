"use client";

import {
  Circle,
  CircleDashed,
  CirclePause,
  CircleQuestionMark,
  Clock,
  ClockAlert,
  type LucideIcon,
  Unplug,
} from "lucide-react";
import { useConnection, useFreshness, useLocale } from "@/components/live/hooks";
import { PageLink } from "@/components/shell/page-link";
import { formatAge, formatTime } from "@/lib/shared/format";
import type { Freshness } from "@/lib/shared/freshness";

interface Look {
  word: string;
  icon: LucideIcon;
  colour: string;
}

/** Each state has an icon and a word; colour only helps. */
const LOOKS: Record<Freshness, Look> = {
  live: { word: "Live", icon: Circle, colour: "text-soft" },
  held: { word: "Last known", icon: CirclePause, colour: "text-soft" },
  late: { word: "Late", icon: Clock, colour: "text-attention" },
  stale: { word: "Stale", icon: ClockAlert, colour: "text-attention" },
  lost: { word: "Lost", icon: Unplug, colour: "text-bad" },
  unknown: { word: "Age unknown", icon: CircleQuestionMark, colour: "text-soft" },
  empty: { word: "No data yet", icon: CircleDashed, colour: "text-soft" },
};

/** Data that is shown, but is older than its channel promises. */
export function isOld(freshness: Freshness): boolean {
  return freshness === "late" || freshness === "stale" || freshness === "lost";
}

const stay = () => false;

type Ref = { channel: string; maxAge: number; cadence: number };

/** Icon and word for how fresh a channel's data is, and its age. */
export function FreshnessNote({
  of: { channel, maxAge, cadence },
  brief = false,
}: {
  of: Ref;
  /** Says no age while the data is as young as promised. */
  brief?: boolean;
}) {
  const { freshness, age, asOf, down } = useFreshness(channel, maxAge);
  const place = useLocale();
  const { status } = useConnection();
  // Until the server's clock is known, as in its HTML, a time is all that can be said.
  const isDated = freshness === "unknown" && asOf !== null;
  const { word, icon, colour } = LOOKS[freshness];
  const Icon = isDated ? Clock : icon;
  // Of what may be behind, the age is said as it is.
  const ago = brief && !isOld(freshness) ? undefined : agoText(age, freshness === "live" ? cadence : 0);
  return (
    <p className={`flex min-w-0 items-center gap-1.5 text-xs ${colour}`} title={down}>
      {freshness === "live" ? (
        <Circle aria-hidden className="mx-0.5 size-2 shrink-0 fill-current text-good" />
      ) : (
        <Icon aria-hidden className="size-3.5 shrink-0" />
      )}
      <span className="truncate tabular-nums" suppressHydrationWarning>
        {isDated ? `At ${formatTime(asOf, place)}` : word}
        {ago && ` · ${ago}`}
      </span>
      {/* Without a connection the page behind it could not come. */}
      {down !== undefined && status === "live" && (
        <PageLink
          href={`/ops/sources?sources.filter.channel=${channel}`}
          hold={stay}
          aria-label="Why: see its source"
          // Room for a finger that takes none from the card, which would grow by it.
          className="touch inline-flex shrink-0 items-center justify-center rounded-sm text-accent hover:underline pointer-coarse:-my-3.5"
        >
          Why?
        </PageLink>
      )}
    </p>
  );
}

/** "as of 12:03:41, 2 min ago": when old data was true. */
export function AsOf({ of: { channel, maxAge } }: { of: Ref }) {
  const { age, asOf } = useFreshness(channel, maxAge);
  const place = useLocale();
  if (asOf === null) return null;
  const ago = typeof age === "number" ? `, ${formatAge(age)} ago` : "";
  return (
    <span className="tabular-nums" suppressHydrationWarning>
      as of {formatTime(asOf, place, asOf + (age ?? 0))}
      {ago}
    </span>
  );
}

/** Why there is no news, for data that is old. */
export function useReason({ channel, maxAge }: Ref): string | undefined {
  const { freshness, down } = useFreshness(channel, maxAge);
  const { status } = useConnection();
  if (!isOld(freshness)) return undefined;
  if (down) return down;
  return status === "live" ? "Nothing from the source" : "No connection";
}

/** An age that moves with every beat of its channel says no more than "just now". */
function agoText(age: number | null | undefined, cadence: number): string | undefined {
  if (typeof age !== "number") return undefined;
  return age <= Math.max(3000, 2 * cadence) ? "just now" : `${formatAge(age)} ago`;
}
