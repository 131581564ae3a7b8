"use client";

import { type ReactNode, useEffect, useState } from "react";
import { ClientContext } from "@/components/live/live-context";
import { LivePage } from "@/components/live/live-page";
import { tickWhileVisible } from "@/components/live/visible-ticks";
import { DemoChip } from "@/components/shell/demo-chip";
import { galleryChannels } from "./gallery-channels";
import type { GalleryState } from "./gallery-state";
import { GalleryWorld } from "./gallery-world";

const SECOND_MS = 1000;

interface GalleryStageProps {
  state: GalleryState;
  /** When it is, ms. */
  now: number;
  /** Time stands still in the live state too: two pictures are the same. */
  still: boolean;
  /** What it is about, beside the mark that nothing of it is real. */
  about: ReactNode;
  children: ReactNode;
}

/** Around the gallery's widgets: they read from a server in memory instead of the real one. */
export function GalleryStage({ state, now, still, about, children }: GalleryStageProps) {
  const [world] = useState(() => new GalleryWorld(state, now));
  const [client] = useState(() => (typeof window === "undefined" ? undefined : world.createClient()));
  const [isPlayed, setPlayed] = useState(false);
  useEffect(() => {
    if (!client) return;
    client.start();
    let stopTicks = () => {};
    let gone = false;
    void world.play().then(() => {
      if (gone) return;
      setPlayed(true);
      if (state === "live" && !still)
        stopTicks = tickWhileVisible(document, SECOND_MS, () => void world.tick());
    });
    return () => {
      gone = true;
      stopTicks();
      client.stop();
    };
  }, [client, world, state, still]);
  return (
    <ClientContext value={client}>
      <LivePage page={world.page}>
        <div
          className="flex flex-wrap items-center gap-x-1 gap-y-2"
          data-testid="gallery"
          data-played={isPlayed}
        >
          <p className="text-soft">{about} Demo data of a shop that there is not, made in this browser.</p>
          <DemoChip channels={galleryChannels} />
        </div>
        {children}
      </LivePage>
    </ClientContext>
  );
}
