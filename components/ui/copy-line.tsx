"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

/** One line or several with a button that copies them. `name` tells which ones they are, where there are many. */
export function CopyLine({ text, name }: { text: string; name?: string }) {
  return (
    <div className="flex max-w-full items-start gap-1 rounded-card border border-line bg-sunken py-1 pr-1 pl-3">
      <code
        data-testid={name && `line-${name}`}
        className="min-w-0 flex-1 self-center wrap-anywhere whitespace-pre-wrap py-1 font-mono text-xs"
        suppressHydrationWarning
      >
        {text}
      </code>
      <CopyButton text={() => text} label="Copy" />
    </div>
  );
}

/** Copies what `text` gives at the time of the click, and says whether that worked. */
export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "failed">();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () =>
    // There is no clipboard on plain http; the line can still be selected by hand.
    Promise.resolve()
      .then(() => navigator.clipboard.writeText(text()))
      .then(
        () => setOutcome("copied"),
        () => setOutcome("failed"),
      );
  const Icon = outcome === "copied" ? Check : Copy;
  return (
    <button
      type="button"
      onClick={copy}
      className="needs-script touch flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-card px-2 text-soft text-xs hover:bg-surface hover:text-ink"
    >
      <Icon aria-hidden className="size-3.5" />
      <span aria-live="polite">
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "Select it to copy" : label}
      </span>
    </button>
  );
}
