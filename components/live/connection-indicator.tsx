"use client";

import { Circle } from "lucide-react";
import { PanelButton } from "@/components/ui/panel-button";
import { RUNG_WORDS, statusLook } from "./connection-words";
import { useConnection } from "./hooks";

/** What a widget or a panel needs to know of a channel. */
export interface ChannelSummary {
  name: string;
  title: string;
  maxAge: number;
}

const loadPanel = () => import("./connection-panel");

/** Dot, word and transport; a press opens the details. The bar below announces what changes. */
export function ConnectionIndicator({ channels }: { channels: readonly ChannelSummary[] }) {
  const view = useConnection();
  const { word, icon: Icon, colour } = statusLook(view);
  const transport = view.transport && RUNG_WORDS[view.transport];
  return (
    <PanelButton
      load={loadPanel}
      mayLoad={view.status === "live"}
      panel={{ channels }}
      label={`Connection: ${word}${transport ? ` · ${transport}` : ""}`}
      data-testid="connection"
      data-status={view.status}
      data-transport={view.transport ?? ""}
      // The longest usual words fit where there is room, so that nothing beside it moves.
      className="needs-script justify-end lg:min-w-43"
    >
      <Icon
        aria-hidden
        className={`shrink-0 ${Icon === Circle ? "size-2.5 fill-current" : "size-4"} ${colour}`}
      />
      <span className="whitespace-nowrap">
        {word}
        {transport && <span className="hidden text-soft sm:inline"> · {transport}</span>}
      </span>
    </PanelButton>
  );
}
