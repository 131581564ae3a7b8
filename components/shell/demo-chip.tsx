"use client";

import { FlaskConical } from "lucide-react";
import { useChannels } from "@/components/live/use-channels";

/** Says so when numbers of this page come from the demo, not from real systems. */
export function DemoChip({ channels }: { channels: readonly { name: string; title: string }[] }) {
  const names = channels.map(({ name }) => name);
  const demo = useChannels(names, (stateOf) =>
    channels
      .filter(({ name }) => stateOf(name)?.by === "demo")
      .map(({ title }) => title)
      .join(", "),
  );
  if (demo === "") return null;
  return (
    <span
      data-testid="demo-chip"
      title={`Not real: ${demo}. These numbers come from the demo.`}
      className="ml-2 flex shrink-0 items-center gap-1 rounded-full border border-attention/50 bg-attention-soft px-2 py-0.5 text-attention text-xs"
    >
      <FlaskConical aria-hidden className="size-3.5" />
      Demo<span className="max-sm:sr-only"> data</span>
    </span>
  );
}
