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
import { useFreshness, useLocale } from "@/components/live/hooks";
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

type Ref = { channel: string; maxAge: number; cadence: number };

/** Icon and word for how fresh a channel's data is, with its age or the reason why there is none. */
export function FreshnessNote({
  of: { channel, maxAge, cadence },
  brief = false,
}: {
  of: Ref;
  brief?: boolean;
}) {
  const { freshness, age, asOf, down } = useFreshness(channel, maxAge);
  const { word, icon: Icon, colour } = LOOKS[freshness];
  const place = useLocale();
  // Until the server's clock is known, as in its HTML, a time is all that can be said.
  const isDated = freshness === "unknown" && asOf !== null;
  const isYoung = freshness === "live" || freshness === "held";
  const detail = isOld(freshness) ? down : isYoung && !brief ? agoText(age, cadence) : undefined;
  return (
    <p className={`flex min-w-0 items-center gap-1.5 text-xs ${colour}`} title={down}>
      {freshness === "live" ? (
        <Circle aria-hidden className="mx-0.5 size-2 shrink-0 fill-current text-good" />
      ) : (
        <Icon aria-hidden className="size-3.5 shrink-0" />
      )}
      <span className="shrink-0 tabular-nums" suppressHydrationWarning>
        {isDated ? `As of ${formatTime(asOf, place)}` : word}
      </span>
      {detail && (
        <span className="truncate" suppressHydrationWarning>
          · {detail}
        </span>
      )}
    </p>
  );
}

/** "as of 12:03:41, 2 min ago": when old data was true. */
export function AsOf({ of: { channel, maxAge } }: { of: Ref }) {
  const { age, asOf } = useFreshness(channel, maxAge);
  const place = useLocale();
  if (typeof asOf !== "number") return null;
  const ago = typeof age === "number" ? `, ${formatAge(age)} ago` : "";
  return (
    <span className="tabular-nums" suppressHydrationWarning>
      as of {formatTime(asOf, place, asOf + (age ?? 0))}
      {ago}
    </span>
  );
}

/** An age that moves with every beat of its channel says no more than "just now". */
function agoText(age: number | null | undefined, cadence: number): string | undefined {
  if (typeof age !== "number") return undefined;
  return age <= Math.max(3000, 2 * cadence) ? "just now" : `${formatAge(age)} ago`;
}
