"use client";

import { Inbox } from "lucide-react";
import { CopyLine } from "@/components/ui/copy-line";
import { useOrigin } from "@/components/ui/use-origin";
import type { Cell } from "@/lib/shared/define-channel";
import { curlLine } from "./curl-line";

interface WaitingForProps {
  /** "the first order" */
  what: string;
  channel: string;
  /** What one could send. */
  example: Record<string, Cell>;
}

/** The empty state of what producers fill: what will appear here, and the line that makes it appear. */
export function WaitingFor({ what, channel, example }: WaitingForProps) {
  const origin = useOrigin();
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-center gap-2 font-medium">
        <Inbox aria-hidden className="size-4 shrink-0 text-soft" />
        Waiting for {what}
      </p>
      <p className="text-soft">It appears here as soon as it is sent. From a terminal:</p>
      <CopyLine text={curlLine(origin, channel, example)} />
      <a
        href={`/docs/ingest?channel=${channel}`}
        className="touch self-start text-accent text-xs hover:underline"
      >
        All fields, other languages, keys
      </a>
    </div>
  );
}
