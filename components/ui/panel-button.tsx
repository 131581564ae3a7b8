"use client";

import { type ComponentType, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useLazy } from "./use-lazy";

/** How long after the page a panel's code is fetched, ms. */
const DUE_MS = 2000;

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
  /** What it does, where its words do not say it. */
  label?: string;
  /** What the panel is for people who do not see it. */
  opens?: "dialog" | "menu";
  className?: string;
  children: ReactNode;
  onOpen?: () => void;
}

/** A button that opens a panel, whose code is no part of the page's first load. */
export function PanelButton<P extends object>(props: PanelButtonProps<P>) {
  const { load, mayLoad, panel, label, opens = "dialog", className = "", children, onOpen, ...data } = props;
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), DUE_MS);
    return () => clearTimeout(timer);
  }, []);
  const Panel = useLazy(load, open || (isDue && mayLoad));

  return (
    <>
      <button
        {...data}
        ref={anchor}
        type="button"
        aria-haspopup={opens}
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
