"use client";

import { CopyLine } from "@/components/ui/copy-line";
import { Panel } from "@/components/ui/panel";
import type { PanelProps } from "@/components/ui/panel-button";

/** The board's link: all of the board is in it. */
export default function SharePanel({ code, ...panel }: PanelProps & { code: string | undefined }) {
  return (
    <Panel {...panel} title="Share this board">
      <div className="flex flex-col gap-3" data-testid="share-panel">
        <p className="text-soft">
          Whoever opens this link sees the board as it is now, with live numbers, and can keep a copy. Later
          changes of yours need a new link.
        </p>
        <CopyLine name="share" text={`${location.origin}/board?b=${code ?? ""}`} />
        <p className="text-soft text-xs">
          With <code>&amp;kiosk</code> at its end it fills a wall screen.
        </p>
      </div>
    </Panel>
  );
}
