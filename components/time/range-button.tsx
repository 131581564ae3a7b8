"use client";

import { CalendarClock, Pause, Play } from "lucide-react";
import { useConnection, useLocale } from "@/components/live/hooks";
import { useLiveClient } from "@/components/live/live-context";
import { PanelButton } from "@/components/ui/panel-button";
import { withoutFixed } from "@/lib/shared/time-range";
import { rangeText } from "./range-words";
import { showRange, useRange } from "./use-range";

const loadPanel = () => import("./range-panel");

/** Says what the charts show of the past; a press lets one choose. Beside it, the way to stand still and back. */
export function RangeButton() {
  const range = useRange();
  const place = useLocale();
  const client = useLiveClient();
  const { status } = useConnection();
  const toggle = () => {
    if (range.fixed) return showRange(withoutFixed(range));
    const now = client?.serverNow() ?? Date.now();
    showRange({ ...range, fixed: { from: now - range.window.ms, to: now } });
  };
  const Toggle = range.fixed ? Play : Pause;
  const title = rangeText(range, place);
  return (
    <>
      <PanelButton
        load={loadPanel}
        mayLoad={status === "live"}
        panel={{}}
        data-testid="range"
        className="needs-script lg:min-w-0 text-soft hover:text-ink"
      >
        <CalendarClock aria-hidden className="size-[18px] shrink-0 max-[21.5rem]:hidden" strokeWidth={1.75} />
        <span className="sr-only">Time range: </span>
        <span className="truncate max-lg:hidden" suppressHydrationWarning>
          {range.fixed ? "Fixed range" : title}
        </span>
        <span className="lg:hidden">{range.fixed ? "Fixed" : range.window.name}</span>
      </PanelButton>
      <button
        type="button"
        onClick={toggle}
        data-testid="pause"
        aria-label={range.fixed ? "Back to live" : "Pause: the charts stand still"}
        className="needs-script touch flex h-9 items-center gap-2 rounded-card px-2 text-soft hover:bg-sunken hover:text-ink max-sm:hidden"
      >
        <Toggle aria-hidden className="size-[18px]" strokeWidth={1.75} />
        <span className="w-11 text-left max-lg:sr-only">{range.fixed ? "Live" : "Pause"}</span>
      </button>
    </>
  );
}
