"use client";

import { type ComponentType, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";

export interface PanelProps {
  anchor: RefObject<HTMLButtonElement | null>;
  open: boolean;
  setOpen: (open: boolean) => void;
}

interface PanelButtonProps<P> {
  /** Brings the panel's code. It is fetched soon after the page, so that it is there without a connection. */
  load: () => Promise<{ default: ComponentType<PanelProps & P> }>;
  /**
   * Whether this is a moment to fetch it. On a broken network something else may answer in the server's place, and
   * what was taken for code is never asked for again.
   */
  mayLoad: boolean;
  /** What the panel shows. */
  panel: P;
  label: string;
  className?: string;
  children: ReactNode;
  onOpen?: () => void;
}

/** A button that opens a panel, whose code is no part of the page's first load. */
export function PanelButton<P extends object>(props: PanelButtonProps<P>) {
  const { load, mayLoad, panel, label, className = "", children, onOpen, ...data } = props;
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [Panel, setPanel] = useState<ComponentType<PanelProps & P>>();

  useEffect(() => {
    let gone = false;
    // A failed load leaves a button without a panel; the next good moment or the next open tries again.
    const fetchPanel = () =>
      load().then(
        (module) => !gone && setPanel(() => module.default),
        () => undefined,
      );
    if (open) {
      if (!Panel) fetchPanel();
      return;
    }
    if (Panel || !mayLoad) return;
    const timer = setTimeout(fetchPanel, 2000);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [open, Panel, load, mayLoad]);

  return (
    <>
      <button
        {...data}
        ref={anchor}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={label}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}
        className={`touch flex h-9 items-center gap-2 rounded-card px-2 hover:bg-sunken ${className}`}
      >
        {children}
      </button>
      {Panel && <Panel {...panel} anchor={anchor} open={open} setOpen={setOpen} />}
    </>
  );
}
