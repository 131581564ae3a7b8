"use client";

import { useLocale } from "@/components/live/hooks";
import { formatTime } from "@/lib/shared/format";

/** Says when the numbers were true to people whose browser runs no scripts. */
export function SnapshotNote({ at }: { at: number }) {
  const place = useLocale();
  return (
    <noscript>
      <p className="rounded-card border border-line bg-attention-soft px-4 py-2">
        These are the numbers of {formatTime(at, place)}. Without JavaScript they do not move: reload the page
        for newer ones.
      </p>
    </noscript>
  );
}
