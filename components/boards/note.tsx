"use client";

import { Info, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

interface NoteProps {
  kind: "plain" | "attention";
  children: ReactNode;
  /** One thing that can be done about it; it gets the focus, as what was pressed is gone. */
  action?: { word: string; act: () => void };
}

/** A line above the board that says what happened or what is wrong. */
export function Note({ kind, children, action }: NoteProps) {
  const button = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each thing that happened.
  useEffect(() => button.current?.focus(), [children]);
  const Icon = kind === "attention" ? TriangleAlert : Info;
  return (
    <div
      role={kind === "attention" ? "status" : undefined}
      className={`kiosk:hidden flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 rounded-card border px-4 py-1.5 ${kind === "attention" ? "border-attention/50 bg-attention-soft" : "border-line bg-surface"}`}
    >
      <Icon
        aria-hidden
        className={`size-4 shrink-0 ${kind === "attention" ? "text-attention" : "text-soft"}`}
      />
      <p className="min-w-0 flex-1 wrap-anywhere">{children}</p>
      {action && (
        <button
          ref={button}
          type="button"
          onClick={action.act}
          className="touch h-8 rounded-card px-3 font-medium text-accent hover:bg-sunken"
        >
          {action.word}
        </button>
      )}
    </div>
  );
}
