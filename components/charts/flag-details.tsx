"use client";

import { Popover } from "@base-ui/react/popover";
import { useRef, useState } from "react";
import { useLocale } from "@/components/live/hooks";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Annotation } from "@/lib/shared/annotations";
import { removeAnnotation } from "./annotation-requests";
import { KIND_COLOURS, KIND_WORDS, KindIcon } from "./flag-marks";
import { annotationTime } from "./flag-words";

interface FlagDetailsProps {
  /** Oldest first. */
  annotations: readonly Annotation[];
  /** ms. */
  now: number;
  anchor: Element | undefined;
  onClose: () => void;
}

/** All that the annotations of a flag say, above it, so that the lines stay in sight. */
export default function FlagDetails({ annotations, now, anchor, onClose }: FlagDetailsProps) {
  const popup = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState<Annotation>();
  const [problem, setProblem] = useState<string>();
  const remove = async ({ key }: Annotation) => {
    setProblem(undefined);
    const failure = await removeAnnotation(key);
    if (failure === undefined) onClose();
    else setProblem(`It was not removed: ${failure}`);
  };
  return (
    <Popover.Root open onOpenChange={(next) => !next && !asked && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} side="top" sideOffset={6} collisionPadding={8} className="z-40">
          <Popover.Popup
            ref={popup}
            initialFocus={popup}
            data-testid="flag-details"
            className="max-h-[min(16rem,var(--available-height))] w-[min(20rem,calc(100vw-16px))] overflow-y-auto overscroll-contain rounded-card border border-line-strong/60 bg-raised px-4 text-ink outline-none"
          >
            <Popover.Title className="sr-only">Annotations</Popover.Title>
            <ul>
              {annotations.toReversed().map((annotation) => (
                <li key={annotation.key} className="flex gap-2 border-line py-3 not-first:border-t">
                  <span className={`mt-0.75 ${KIND_COLOURS[annotation.kind]}`}>
                    <KindIcon kind={annotation.kind} />
                  </span>
                  <Details annotation={annotation} now={now} remove={() => setAsked(annotation)} />
                </li>
              ))}
            </ul>
            <p role="alert" className="pb-1 text-bad text-xs empty:hidden">
              {problem}
            </p>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
      <ConfirmDialog
        open={asked !== undefined}
        title={`Remove “${asked?.title}”?`}
        text="It goes from all charts, for everybody."
        confirm="Remove"
        cancel="Keep"
        onClose={(isConfirmed) => {
          setAsked(undefined);
          if (asked && isConfirmed) void remove(asked);
        }}
      />
    </Popover.Root>
  );
}

function Details({ annotation, now, remove }: { annotation: Annotation; now: number; remove: () => void }) {
  const place = useLocale();
  const { kind, title, text, by, byHand } = annotation;
  return (
    <div className="min-w-0 flex-1">
      <p className="break-words font-medium">{title}</p>
      {text && <p className="whitespace-pre-line break-words text-soft">{text}</p>}
      <p className="break-words text-soft text-xs tabular-nums">
        {[KIND_WORDS[kind], annotationTime(annotation, place, now), by && `by ${by}`]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {byHand && (
        <button
          type="button"
          onClick={remove}
          className="touch mt-1 rounded-sm text-soft text-xs underline underline-offset-2 hover:text-ink"
        >
          Remove
        </button>
      )}
    </div>
  );
}
