"use client";

import { FlaskConical } from "lucide-react";
import { useFreshness } from "@/components/live/hooks";

/** Says so when numbers of this page come from the demo, not from real systems. Its `key` names them. */
export function DemoChip({
  channels,
}: {
  channels: readonly { name: string; title: string; maxAge: number }[];
}) {
  const demo = channels.filter(
    // biome-ignore lint/correctness/useHookAtTopLevel: its key says which there are.
    ({ name, maxAge }) => useFreshness(name, maxAge).by === "demo",
  );
  if (demo.length === 0) return null;
  return (
    <span
      data-testid="demo-chip"
      title={`Not real: ${demo.map(({ title }) => title).join(", ")}. These numbers come from the demo.`}
      className="ml-2 flex shrink-0 items-center gap-1 rounded-full border border-attention/50 bg-attention-soft px-2 py-0.5 text-attention text-xs"
    >
      <FlaskConical aria-hidden className="size-3.5" />
      Demo<span className="max-sm:sr-only"> data</span>
    </span>
  );
}
