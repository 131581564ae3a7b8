"use client";

import { Popover } from "@base-ui/react/popover";
import { type ReactNode, useRef } from "react";
import type { PanelProps } from "./panel-button";

/** A popover under the button that opened it. Loaded only when it may be wanted. */
export function Panel({
  anchor,
  open,
  setOpen,
  title,
  children,
}: PanelProps & { title: string; children: ReactNode }) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next, { event }) => {
        // A press on the button closes the panel through the button itself, else it would open again.
        if (!next && event.target instanceof Node && anchor.current?.contains(event.target)) return;
        setOpen(next);
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          anchor={anchor}
          side="bottom"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className="z-40"
        >
          <Popover.Popup
            ref={popup}
            // The panel itself, so that its beginning is read and shown first.
            initialFocus={popup}
            finalFocus={anchor}
            className="max-h-[min(640px,var(--available-height))] w-[min(400px,calc(100vw-16px))] overflow-y-auto overscroll-contain rounded-card border border-line-strong/60 bg-raised p-4 text-ink outline-none"
          >
            <Popover.Title className="mb-3 font-semibold text-base">{title}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
