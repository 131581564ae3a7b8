"use client";

import { ConnectionBar } from "@/components/live/connection-bar";
import { type ChannelSummary, ConnectionIndicator } from "@/components/live/connection-indicator";
import { NoticeBell } from "@/components/notifications/notice-bell";
import { RangeButton } from "@/components/time/range-button";
import { RangeNote } from "@/components/time/range-note";
import { useLazy } from "@/components/ui/use-lazy";
import type { FeedRef } from "@/lib/shared/define-channel";
import { DemoChip } from "./demo-chip";
import type { KioskPlan } from "./kiosk-pages";
import { ThemeSwitch } from "./theme-switch";

interface TopBarProps {
  title: string;
  channels: readonly ChannelSummary[];
  notices: FeedRef;
  timeless: boolean;
  /** Set on a wall screen, which has no controls. */
  kiosk?: KioskPlan;
}

const loadKiosk = () => import("./kiosk");

/** The page's title, the state of its data, and what is worth telling. */
export function TopBar({ title, channels, notices, timeless, kiosk }: TopBarProps) {
  const Kiosk = useLazy(loadKiosk, kiosk !== undefined);
  return (
    <header className="sticky top-0 z-20 flex h-14 items-center gap-1 border-line border-b bg-surface px-4 md:px-6">
      <h1 className="min-w-0 truncate font-semibold text-base">{title}</h1>
      <DemoChip channels={channels} />
      <div className="flex-1" />
      {!timeless && !kiosk && <RangeButton />}
      <ConnectionIndicator channels={channels} />
      {kiosk ? (
        // What it looks like needs no script.
        <span data-kiosk>{Kiosk && <Kiosk {...kiosk} />}</span>
      ) : (
        <NoticeBell feed={notices} />
      )}
      {!kiosk && <ThemeSwitch className="needs-script hidden sm:flex" />}
      {!timeless && <RangeNote />}
      {/* The last one covers what is below it: that data may be old is worth more. */}
      <ConnectionBar />
    </header>
  );
}
